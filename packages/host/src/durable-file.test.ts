import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { diskSpace, promoteDurably, renameRetrying, writeDurably } from "./durable-file.ts"
import { createTemporaryHome, type TemporaryHome } from "./testing.ts"

let home: TemporaryHome
let path: string
beforeEach(async () => {
  home = await createTemporaryHome()
  path = join(home.paths.run, "thing.json")
})
afterEach(async () => {
  await home[Symbol.asyncDispose]()
})

const withCode = (code: string): Error => Object.assign(new Error(code), { code })

describe("writeDurably", () => {
  test("replaces the file, with rights 0600, and leaves nothing beside it", async () => {
    writeFileSync(path, "old", { mode: 0o644 })
    await writeDurably(path, "new")
    expect(readFileSync(path, "utf8")).toBe("new")
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(dirname(path))).toEqual(["thing.json"])
  })

  test("makes missing folders and takes other rights and bytes", async () => {
    const deep = join(home.paths.run, "a", "b")
    await writeDurably(deep, Uint8Array.of(0, 255), { mode: 0o444 })
    expect([...readFileSync(deep)]).toEqual([0, 255])
    expect(statSync(deep).mode & 0o777).toBe(0o444)
  })

  test("where it fails the old file is whole and nothing is left over", async () => {
    // A folder cannot be replaced by a file: the rename fails after the bytes were written.
    rmSync(path, { force: true })
    await writeDurably(join(path, "child"), "kept")
    await expect(writeDurably(path, "new")).rejects.toMatchObject({ code: "cannot-write", details: { path } })
    expect(readdirSync(dirname(path))).toEqual(["thing.json"])
    expect(readFileSync(join(path, "child"), "utf8")).toBe("kept")
  })

  test("writers at the same time leave one whole file", async () => {
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000))
    await Promise.all(texts.map((text) => writeDurably(path, text)))
    expect(texts).toContain(readFileSync(path, "utf8"))
    expect(readdirSync(dirname(path))).toEqual(["thing.json"])
  })
})

const script = (target: string): readonly string[] => [
  "--input-type=module",
  "-e",
  `const { writeDurably } = await import(${JSON.stringify(new URL("./durable-file.ts", import.meta.url).href)})
   await writeDurably(process.argv[1], "x".repeat(100_000)).then(
     () => console.log("acknowledged"), (error) => console.log(error.code))`,
  target,
]
const hasStrace = spawnSync("strace", ["-V"]).status === 0

// The order of system calls and faults in them are only seen from outside.
describe.skipIf(!hasStrace)("seen by strace (needs strace)", () => {
  const trace = (...options: string[]): { stdout: string; calls: string } => {
    const log = join(home.paths.home, "strace.txt")
    const done = spawnSync(
      "strace",
      ["-f", "-qq", "-y", "-o", log, ...options, process.execPath, ...script(path)],
      // strace counts calls per thread, so the pool has one; Node's own cache would rename files too.
      {
        encoding: "utf8",
        env: { ...process.env, UV_THREADPOOL_SIZE: "1", NODE_DISABLE_COMPILE_CACHE: "1" },
      },
    )
    return { stdout: done.stdout, calls: readFileSync(log, "utf8") }
  }

  test("bytes are synchronised before the rename and the folder after it", () => {
    const { stdout, calls } = trace("-e", "trace=fsync,rename,renameat,renameat2")
    expect(stdout.trim()).toBe("acknowledged")
    const order = [...calls.matchAll(/(fsync|rename)\w*\(([^)]*)/g)].map(([, call, rest]) => {
      if (call === "rename") return "rename"
      return rest?.includes(".tmp") ? "fsync file" : "fsync folder"
    })
    expect(order).toEqual(["fsync file", "rename", "fsync folder"])
  })

  test.each([1, 2])("a failure of synchronisation %i is not acknowledged", (when) => {
    const { stdout } = trace("-e", "trace=fsync", "-e", `inject=fsync:error=EIO:when=${when}`)
    expect(stdout.trim()).toBe("cannot-write")
  })

  test("a full disk is named so, and the old file stays", () => {
    writeFileSync(path, "old")
    const { stdout } = trace("-e", "trace=fsync", "-e", "inject=fsync:error=ENOSPC:when=1")
    expect(stdout.trim()).toBe("disk-full")
    expect(readFileSync(path, "utf8")).toBe("old")
  })
})

test("promoteDurably gives a finished file its name", async () => {
  const part = join(home.paths.downloads, "x.part")
  writeFileSync(part, "weights")
  await promoteDurably(part, join(home.paths.blobs, "sha256-1"))
  expect(readFileSync(join(home.paths.blobs, "sha256-1"), "utf8")).toBe("weights")
  expect(readdirSync(home.paths.downloads)).toEqual([])
})

describe("renameRetrying", () => {
  const attempt = async (failures: readonly string[]): Promise<{ pauses: number[]; error: unknown }> => {
    const left = [...failures]
    const pauses: number[] = []
    const error = await renameRetrying("a", "b", {
      rename: async () => {
        const code = left.shift()
        if (code !== undefined) throw withCode(code)
      },
      pause: async (delayMs) => void pauses.push(delayMs),
    }).catch((reason: unknown) => reason)
    return { pauses, error }
  }

  test("waits while another program holds the file", async () => {
    expect(await attempt(["EPERM", "EBUSY"])).toEqual({ pauses: [10, 20], error: undefined })
  })
  test("gives up after the seventh try", async () => {
    expect((await attempt(Array<string>(6).fill("EBUSY"))).error).toBeUndefined()
    expect((await attempt(Array<string>(7).fill("EBUSY"))).error).toMatchObject({ code: "EBUSY" })
  })
  test("does not try again what will not get better", async () => {
    expect(await attempt(["ENOSPC"])).toMatchObject({ pauses: [], error: { code: "ENOSPC" } })
  })
})

test("diskSpace looks at the nearest folder that exists", async () => {
  const there = await diskSpace(home.paths.home)
  const missing = await diskSpace(join(home.paths.home, "no", "such", "place"))
  writeFileSync(join(home.paths.home, "file"), "")
  expect((await diskSpace(join(home.paths.home, "file", "below"))).totalBytes).toBe(there.totalBytes)
  expect(missing.totalBytes).toBe(there.totalBytes)
  expect(there.freeBytes).toBeLessThanOrEqual(there.totalBytes)
  expect(there.freeBytes).toBeGreaterThan(0)
})
