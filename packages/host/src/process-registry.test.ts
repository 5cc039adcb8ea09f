import { spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { processIdentity } from "./process-identity.ts"
import { createProcessRegistry } from "./process-registry.ts"
import { createTemporaryHome, type TemporaryHome } from "./testing.ts"

let home: TemporaryHome
beforeEach(async () => {
  home = await createTemporaryHome()
})
afterEach(async () => {
  await home[Symbol.asyncDispose]()
})

const files = (): string[] => readdirSync(home.paths.run)

async function startSleeper() {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" })
  await once(child, "spawn")
  return { child, pid: child.pid ?? 0 }
}

test("entries are listed for every process, with their newest details, until they are given up", async () => {
  const mine = createProcessRegistry(home.paths)
  const others = createProcessRegistry(home.paths)
  {
    await using entry = await mine.register({ what: "model", name: "smollm2:135m", details: { streams: 0 } })
    await entry.update({ streams: 2 })
    expect(await others.list()).toEqual([
      {
        id: entry.id,
        pid: process.pid,
        what: "model",
        name: "smollm2:135m",
        details: { streams: 2 },
        startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ])
    expect(statSync(join(home.paths.run, files()[0] ?? "")).mode & 0o777).toBe(0o600)
  }
  expect(await others.list()).toEqual([])
})

test("an entry of a process that was killed is not believed, and removed", async () => {
  const registry = createProcessRegistry(home.paths)
  const { child, pid } = await startSleeper()
  await registry.register({ what: "model", name: "a" }, pid)
  expect(await registry.list()).toHaveLength(1)
  child.kill("SIGKILL")
  await once(child, "exit")
  expect(await registry.list()).toEqual([])
  expect(files()).toEqual([])
})

test("a number that was given to another process is not mistaken for the first", async () => {
  const before = createProcessRegistry(home.paths, (pid) => `boot:${pid}:1`)
  await before.register({ what: "model", name: "a" })
  const after = createProcessRegistry(home.paths, (pid) => `boot:${pid}:2`)
  expect(await after.list()).toEqual([])
})

test("nonsense in the folder is passed over", async () => {
  for (const [name, text] of [
    ["process-a.json", "{"],
    ["process-b.json", '{"pid":1}'],
    ["process-c.json", "[]"],
    ["server.json", "{}"],
  ] as const)
    writeFileSync(join(home.paths.run, name), text)
  expect(await createProcessRegistry(home.paths).list()).toEqual([])
  expect(files()).toEqual(["server.json"])
})

test("a folder that is not there is an empty list", async () => {
  expect(await createProcessRegistry({ run: join(home.paths.home, "none") }).list()).toEqual([])
})

test("a signal reaches the process; afterwards the entry is not found", async () => {
  const registry = createProcessRegistry(home.paths)
  const { child, pid } = await startSleeper()
  const { id } = await registry.register({ what: "model", name: "a" }, pid)
  await registry.signal(id, "SIGTERM")
  expect((await once(child, "exit"))[1]).toBe("SIGTERM")
  await expect(registry.signal(id, "SIGTERM")).rejects.toMatchObject({ code: "not-found" })
})

test("a process has one identity as long as it lives, and none afterwards", async () => {
  const { child, pid } = await startSleeper()
  const identity = processIdentity(pid)
  expect(identity).toBeDefined()
  expect(processIdentity(pid)).toBe(identity)
  if (process.platform === "linux") expect(identity).not.toBe(processIdentity(process.pid))
  child.kill("SIGKILL")
  await once(child, "exit")
  expect(processIdentity(pid)).toBeUndefined()
})

// The second program never asks how the first one ended, so that one stays behind as a zombie.
test.skipIf(process.platform !== "linux")(
  "a process that has ended but was not counted yet has no identity (needs Linux)",
  async () => {
    const child = spawn("/bin/sh", ["-c", "sleep 0 & echo $!; exec sleep 60"], {
      stdio: ["ignore", "pipe", "ignore"],
    })
    try {
      const [text] = (await once(child.stdout, "data")) as [Buffer]
      while (processIdentity(Number(text)) !== undefined) await new Promise((settle) => setImmediate(settle))
    } finally {
      child.kill("SIGKILL")
    }
  },
)
