import { closeSync, readSync, writeSync } from "node:fs"
import koffi from "koffi"
import { expect, test } from "vitest"
import { createReadable } from "./readable.ts"

test.skipIf(process.platform === "win32")(
  "a pipe is readable while something is in it (needs pipe(2))",
  () => {
    const ends = new Int32Array(2)
    koffi.load(null).func("int pipe(void *ends)")(ends)
    const [from = -1, to = -1] = ends
    const isReadable = createReadable(from)
    expect(isReadable?.()).toBe(false)
    writeSync(to, "ab")
    expect(isReadable?.()).toBe(true)
    readSync(from, Buffer.alloc(1))
    expect(isReadable?.()).toBe(true)
    readSync(from, Buffer.alloc(1))
    expect(isReadable?.()).toBe(false)
    closeSync(from)
    closeSync(to)
  },
)
