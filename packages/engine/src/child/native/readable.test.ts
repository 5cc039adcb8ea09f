import { execFileSync } from "node:child_process"
import { closeSync, constants, mkdtempSync, openSync, readSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { createReadable } from "./readable.ts"

test.skipIf(process.platform === "win32")("a pipe is readable while something is in it (needs mkfifo)", () => {
  const path = join(mkdtempSync(join(tmpdir(), "fireside-readable-")), "pipe")
  execFileSync("mkfifo", [path])
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const isReadable = createReadable(fd)
  expect(isReadable?.()).toBe(false)
  writeSync(fd, "ab")
  expect(isReadable?.()).toBe(true)
  readSync(fd, Buffer.alloc(1))
  expect(isReadable?.()).toBe(true)
  readSync(fd, Buffer.alloc(1))
  expect(isReadable?.()).toBe(false)
  closeSync(fd)
})
