import { createProcessRegistry, SILENT_LOG } from "@fireside/host"
import { createTemporaryHome } from "@fireside/host/testing"
import { expect, test } from "vitest"
import type { ModelRegistry } from "./model-registry.ts"
import { createProcessModels } from "./process-models.ts"

const MODEL = {
  name: "tiny:latest",
  digest: "sha256:aa",
  sizeBytes: 10,
  processor: "CPU",
  contextLength: 2048,
  expiresAt: null,
  pid: 99,
  streams: 0,
  queued: 0,
  path: "/models/tiny",
}

async function world() {
  const home = await createTemporaryHome()
  const { paths } = home
  // As two processes would have them: each its own.
  const open = (): ModelRegistry =>
    createProcessModels({ processes: createProcessRegistry(paths), paths, log: SILENT_LOG })
  return { home, owner: open(), other: open() }
}

test("another process sees what is loaded, and its changes", async () => {
  const { home, owner, other } = await world()
  await using _home = home
  const entry = await owner.register(MODEL, () => {})
  expect(await other.list()).toMatchObject([{ ...MODEL, ownerPid: process.pid, key: entry.key }])
  await entry.update({ isDown: true })
  expect(await other.list()).toMatchObject([{ isDown: true }])
  await entry.update({ isDown: false, streams: 2, expiresAt: "2026-01-01T00:00:00.000Z" })
  expect(await other.list()).toMatchObject([
    { streams: 2, expiresAt: "2026-01-01T00:00:00.000Z", isDown: false, path: "/models/tiny" },
  ])
  await entry[Symbol.asyncDispose]()
  expect(await other.list()).toEqual([])
})

test("a stop asked for by another process reaches the owner, and is over when the owner has unloaded", async () => {
  const { home, owner, other } = await world()
  await using _home = home
  const stopped = Promise.withResolvers<void>()
  const entry = await owner.register(MODEL, () => stopped.resolve())
  void stopped.promise.then(() => entry[Symbol.asyncDispose]())
  const [listed] = await other.list()
  if (listed === undefined) throw new Error("nothing is listed")
  await other.requestStop(listed, new AbortController().signal)
  expect(await other.list()).toEqual([])
})

test("an owner that does not hear ends the request with the signal, and the request is taken back", async () => {
  const { home, owner, other } = await world()
  await using _home = home
  await using _entry = await owner.register(MODEL, () => {})
  const [listed] = await other.list()
  if (listed === undefined) throw new Error("nothing is listed")
  await expect(other.requestStop(listed, AbortSignal.abort())).rejects.toThrow(/abort/i)
  const { readdir } = await import("node:fs/promises")
  expect((await readdir(home.paths.run)).filter((name) => name.startsWith("stop-"))).toEqual([])
})

test("entries of other kinds are no models", async () => {
  const { home, other } = await world()
  await using _home = home
  await using _server = await createProcessRegistry(home.paths).register({
    what: "server",
    name: "http://127.0.0.1",
  })
  await using _odd = await createProcessRegistry(home.paths).register({
    what: "model",
    name: "x",
    details: { pid: "no" },
  })
  expect(await other.list()).toEqual([])
})
