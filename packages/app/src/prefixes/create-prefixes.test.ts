import { rmSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { ForgetWish } from "@fireside/engine"
import { createFakeClock, createTemporaryHome } from "@fireside/host/testing"
import { AppError } from "@fireside/protocol"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Lease } from "../leases.ts"
import { createFakeParts } from "../testing.ts"
import { createPrefixes } from "./create-prefixes.ts"
import { identityOf } from "./prefix-cache-for.ts"
import type { Prefixes } from "./prefixes.ts"

const code = (expected: string) => expect.objectContaining({ code: expected })
const never = new AbortController().signal

let cleanUp: AsyncDisposableStack
let forgotten: ForgetWish[]
let pinned: unknown[]
let onForget: () => void
let folder: string
let pinResult: { tokens: number; bytes: number }

beforeEach(() => {
  cleanUp = new AsyncDisposableStack()
  forgotten = []
  pinned = []
  onForget = () => {}
  pinResult = { tokens: 12, bytes: 3_400 }
})
afterEach(() => cleanUp.disposeAsync())

async function open(diskBytes = 1_000_000): Promise<Prefixes> {
  const home = cleanUp.use(await createTemporaryHome())
  folder = home.paths.prefixes
  const parts = {
    ...createFakeParts({ clock: createFakeClock(), home: home.paths.home }),
    prefixes: { diskBytes, memoryBytes: 5 },
  }
  const path = join(home.paths.home, "weights.gguf")
  await writeFile(path, "w")
  const library = await parts.library()
  const [first] = await library.list()
  const stored = { ...(await library.resolve(first?.name ?? "")), path }
  return createPrefixes({
    parts,
    leases: {
      forget: (wish) => {
        forgotten.push(wish)
        onForget()
      },
      settled: async () => {},
    },
    models: { list: async () => [] },
    lease: async () =>
      // What `pin` looks at of a lease.
      ({
        stored,
        model: {
          pin: async (...args: unknown[]) => {
            pinned.push(args.slice(0, 2))
            return pinResult
          },
        },
        [Symbol.asyncDispose]: async () => {},
      }) as unknown as Lease,
  })
}

test("nothing is there before anything was computed", async () => {
  const prefixes = await open()
  expect(await prefixes.status()).toEqual({
    diskBytes: 1_000_000,
    memoryBytes: 5,
    usedBytes: 0,
    models: [],
    pins: [],
  })
  expect(await prefixes.clear({})).toEqual({ files: 0, bytes: 0 })
  expect(forgotten).toEqual([{ type: "all", pinned: false }])
})

test("a file that is none counts, and goes with everything", async () => {
  const prefixes = await open()
  await mkdir(join(folder, "model"), { recursive: true })
  await writeFile(join(folder, "model", "x.kv"), "not a container")
  expect(await prefixes.status()).toMatchObject({ usedBytes: 15, models: [{ prefixes: 1, tokens: 0 }] })
  await prefixes.forget({ type: "label", label: "chat" })
  expect(await prefixes.clear({ pinned: true })).toEqual({ files: 1, bytes: 15 })
})

test("what a loaded model removes itself counts too", async () => {
  const prefixes = await open()
  await mkdir(join(folder, "model"), { recursive: true })
  await writeFile(join(folder, "model", "x.kv"), "not a container")
  await writeFile(join(folder, "model", "y.kv"), "nor this")
  onForget = () => rmSync(join(folder, "model", "x.kv"))
  expect(await prefixes.clear({ pinned: true })).toEqual({ files: 2, bytes: 23 })
})

test("a text is pinned as the system prompt, in the place of what had its name", async () => {
  const prefixes = await open()
  const made = await prefixes.pin({ model: "tiny", name: "rules.txt", text: "Be brief." }, never)
  expect(made).toMatchObject({ name: "rules.txt", tokens: 12, bytes: 3_400 })
  expect(forgotten).toEqual([{ type: "label", label: "pin:rules.txt" }])
  expect(pinned).toEqual([
    [
      {
        type: "chat",
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "?" },
        ],
      },
      "pin:rules.txt",
    ],
  ])
})

test("what has no room, or nowhere to be, is refused", async () => {
  pinResult = { tokens: 9_000, bytes: 0 }
  const wish = { model: "tiny", name: "a", text: "b" }
  await expect((await open()).pin(wish, never)).rejects.toEqual(code("disk-full"))
  await expect((await open(0)).pin(wish, never)).rejects.toEqual(code("cache-off"))
  await expect((await open()).unpin("a")).rejects.toEqual(code("not-found"))
  await expect((await open()).unpin("a")).rejects.toBeInstanceOf(AppError)
})

test("weights are known by their hash, or by what changes when the file does", async () => {
  await open()
  const hash = `sha256-${"a".repeat(64)}`
  expect(await identityOf(join("/anywhere", hash))).toBe(hash)
  const path = join(folder, "..", "..", "weights.gguf")
  const before = await identityOf(path)
  await writeFile(path, "other weights")
  expect(await identityOf(path)).not.toBe(before)
  expect(await identityOf("/nowhere.gguf")).toBeUndefined()
})
