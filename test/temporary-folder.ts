// What tests leave lies in one folder, which goes away with the run: that of a killed process, a log's last lines.
import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

let folder: string

/** For vitest, before its first test. */
export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), "fireside-tests-"))
  // Some tests look at theirs as another user.
  chmodSync(folder, 0o711)
  process.env.TMPDIR = folder
}

/** After its last. */
export function teardown(): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
