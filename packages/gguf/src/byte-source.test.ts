import { execFile } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { bufferSource, fileSource } from "./byte-source.ts"
import { openFileSource } from "./node-file-source.ts"

const CONTENT = Uint8Array.from({ length: 100 }, (_, index) => index)

describe("a source of bytes in memory", () => {
  it("gives exactly the bytes asked for, and none beyond its end", async () => {
    const source = bufferSource(CONTENT)
    expect(source.sizeBytes).toBe(100)
    expect([...(await source.read(98, 2))]).toEqual([98, 99])
    expect((await source.read(100, 0)).length).toBe(0)
    await expect(source.read(98, 3)).rejects.toThrow(RangeError)
    await expect(source.read(-1, 3)).rejects.toThrow(RangeError)
    await expect(source.read(0, 1, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop")
  })
})

describe("a source over a handle", () => {
  it("goes on after short reads, and says when the file became shorter", async () => {
    const handle = {
      read: async (buffer: Uint8Array, offset: number, length: number, position: number) => {
        const bytesRead = Math.min(3, length, Math.max(0, 50 - position))
        buffer.set(CONTENT.subarray(position, position + bytesRead), offset)
        return { bytesRead }
      },
    }
    const source = fileSource(handle, 100)
    expect(await source.read(10, 20)).toEqual(CONTENT.slice(10, 30))
    await expect(source.read(45, 10)).rejects.toThrow("ended before")
  })
})

describe("a file of the disk", () => {
  let folder = ""
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "fireside-gguf-"))
    await writeFile(join(folder, "file"), CONTENT)
  })
  afterEach(() => rm(folder, { recursive: true }))

  it("is read by range and closed at the end", async () => {
    const source = await openFileSource(join(folder, "file"))
    expect(source.sizeBytes).toBe(100)
    expect(await source.read(40, 5)).toEqual(CONTENT.slice(40, 45))
    await source[Symbol.asyncDispose]()
    await expect(source.read(0, 1)).rejects.toThrow()
  })

  it("may not be a link, unless links are followed", async () => {
    const link = join(folder, "link")
    await symlink(join(folder, "file"), link)
    await expect(openFileSource(link)).rejects.toMatchObject({ rule: "symbolic-link" })
    await using source = await openFileSource(link, { followLinks: true })
    expect(source.sizeBytes).toBe(100)
  })

  it("may not be empty, a folder, a device or missing", async () => {
    await writeFile(join(folder, "empty"), "")
    await expect(openFileSource(join(folder, "empty"))).rejects.toMatchObject({ rule: "empty-file" })
    await expect(openFileSource(folder)).rejects.toMatchObject({ rule: "not-a-regular-file" })
    await expect(openFileSource("/dev/zero")).rejects.toMatchObject({ rule: "not-a-regular-file" })
    await expect(openFileSource(join(folder, "absent"))).rejects.toMatchObject({ code: "ENOENT" })
  })

  it.skipIf(process.platform === "win32")(
    "may not be a pipe, which is refused without waiting for it (not on Windows)",
    async () => {
      await promisify(execFile)("mkfifo", [join(folder, "pipe")])
      await expect(openFileSource(join(folder, "pipe"))).rejects.toMatchObject({ rule: "not-a-regular-file" })
    },
  )

  it.skipIf(process.platform === "win32")("may not be a socket (not on Windows)", async () => {
    const server = createServer().listen(join(folder, "socket"))
    await once(server, "listening")
    await expect(openFileSource(join(folder, "socket"))).rejects.toMatchObject({ rule: "not-a-regular-file" })
    server.close()
    await once(server, "close")
  })
})
