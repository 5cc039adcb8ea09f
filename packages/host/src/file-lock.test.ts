import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { acquireLock } from "./file-lock.ts"
import { createTemporaryHome, type TemporaryHome } from "./testing.ts"

let home: TemporaryHome
let path: string
const children: ChildProcess[] = []
beforeEach(async () => {
  home = await createTemporaryHome()
  path = join(home.paths.run, "thing.lock")
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL")
  await home[Symbol.asyncDispose]()
})

const never = new AbortController().signal
const take = (waitMs = 0, signal = never): ReturnType<typeof acquireLock> =>
  acquireLock({ path, purpose: "test the lock", waitMs }, signal)

/** Another process that holds the lock until it is killed, or lets go when it is told to. */
async function holdElsewhere(): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `const { acquireLock } = await import(${JSON.stringify(new URL("./file-lock.ts", import.meta.url).href)})
       const lock = await acquireLock({ path: process.argv[1], purpose: "hold on" }, new AbortController().signal)
       process.on("message", async () => { await lock[Symbol.asyncDispose](); process.disconnect() })
       process.send("held")`,
      path,
    ],
    { stdio: ["ignore", "ignore", "inherit", "ipc"] },
  )
  children.push(child)
  await once(child, "message")
  return child
}

test("a second one is refused while the first is held, and works after it", async () => {
  {
    await using _first = await take()
    await expect(take()).rejects.toMatchObject({
      code: "held",
      details: { pid: process.pid, purpose: "test the lock" },
    })
  }
  await using _second = await take()
})

test("the holder in another process is named; its death by SIGKILL frees the lock", async () => {
  const child = await holdElsewhere()
  await expect(take()).rejects.toMatchObject({
    code: "held",
    message: expect.stringContaining(`Process ${child.pid} (hold on)`),
    details: { pid: child.pid },
  })
  child.kill("SIGKILL")
  await once(child, "exit")
  await using _lock = await take()
})

test("who waits gets it when the holder lets go", async () => {
  const child = await holdElsewhere()
  const waiting = take(20_000)
  child.send("let go")
  await using _lock = await waiting
})

test("waiting ends with the signal", async () => {
  await using _held = await take()
  const stop = new AbortController()
  const waiting = take(60_000, stop.signal)
  stop.abort()
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" })
})

test("a note that is nonsense does not hide that the lock is held", async () => {
  await using _held = await take()
  writeFileSync(`${path}.holder`, '{"pid":')
  await expect(take()).rejects.toMatchObject({
    code: "held",
    message: expect.stringContaining("Another process"),
  })
})

test("a place that cannot be written is said", async () => {
  writeFileSync(join(home.paths.run, "file"), "")
  path = join(home.paths.run, "file", "x.lock")
  await expect(take()).rejects.toMatchObject({ code: "cannot-write" })
})

test("letting go twice is harmless", async () => {
  const lock = await take()
  await lock[Symbol.asyncDispose]()
  await lock[Symbol.asyncDispose]()
})
