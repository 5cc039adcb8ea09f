// The page is light: what a browser fetches before it shows the first screen stays within its budget.
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { expect, test } from "vitest"

const BUDGET_BYTES = 350_000
const folder = join(import.meta.dirname, "..", "..", "dist", "web")

/** `npm test` builds the page before anything runs. */
test("scripts that the page names are 350 KB at most, compressed", () => {
  const page = join(folder, "index.html")
  expect(existsSync(page), "the page is not built: npm test builds it").toBe(true)
  const scripts = [...readFileSync(page, "utf8").matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map(
    ([, path = ""]) => path,
  )
  expect(scripts.length).toBeGreaterThan(1)
  const bytes = scripts.map((path) => gzipSync(readFileSync(join(folder, path)), { level: 9 }).byteLength)
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(BUDGET_BYTES)
})
