import { type Database, openDatabase } from "@fireside/host"
import { createFakeClock, createTemporaryHome, type FakeClock } from "@fireside/host/testing"
import type { Library } from "@fireside/library"
import { AppError, type JobEvent } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { createJobTable } from "./job-table.ts"
import { createFakeApp, createFakeJobs, createFakeLibrary, type FakeApp, fakeStored } from "./testing.ts"

const never = new AbortController().signal

const STATUS: JobEvent = { type: "status", message: "pulling" }
const PROGRESS: JobEvent = {
  type: "progress",
  file: "weights.gguf",
  doneBytes: 5,
  totalBytes: 10,
  bytesPerSecond: 5,
}
const FINISH: JobEvent = { type: "finish", name: "tiny:1m", digest: `sha256:${"b".repeat(64)}` }

let clock: FakeClock
let database: Database
let cleanUp: AsyncDisposableStack
beforeEach(async () => {
  clock = createFakeClock()
  cleanUp = new AsyncDisposableStack()
  const home = cleanUp.use(await createTemporaryHome())
  database = cleanUp.use(await openDatabase(home.paths))
})
afterEach(() => cleanUp.disposeAsync())

/** Processes of a machine, by number; a number that is not here has ended. */
const processes = new Map([
  [1, "first"],
  [2, "second"],
])
const tableOf = (pid: number, alive: ReadonlyMap<number, string> = processes) =>
  createJobTable({ database, clock, pid, identify: (it) => alive.get(it) })

/** Pulls that go on when the test says so. */
function createGatedLibrary() {
  const gate = Promise.withResolvers<void>()
  const library: Library = {
    ...createFakeLibrary([fakeStored()]),
    async *pull(_reference, _options, signal) {
      yield STATUS
      yield PROGRESS
      const aborted = Promise.withResolvers<void>()
      signal.addEventListener("abort", () => aborted.resolve())
      await Promise.race([gate.promise, aborted.promise])
      signal.throwIfAborted()
      yield FINISH
    },
  }
  return { library, open: () => gate.resolve() }
}

async function world(change: Parameters<typeof createFakeApp>[0] = {}): Promise<FakeApp["app"]> {
  return cleanUp.use(await createFakeApp({ clock, jobs: tableOf(1), ...change })).app
}

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const event of events) list.push(event)
  return list
}

/** Reads until `last` comes, and leaves. */
async function until(events: AsyncIterable<JobEvent>, last: JobEvent): Promise<void> {
  for await (const event of events) if (JSON.stringify(event) === JSON.stringify(last)) return
  throw new Error("it did not come")
}

const code = (code: string) => expect.objectContaining({ code })
const pull = { type: "pull", pull: { reference: "tiny:1m" } } as const

describe("jobs without a reader", () => {
  test("a pull goes on by itself; followers of any time get the same to the end", async () => {
    const { library, open } = createGatedLibrary()
    const app = await world({ library })
    const job = await app.jobs.start(pull)
    expect(job).toMatchObject({ kind: "pull", subject: "tiny:1m", state: "running" })
    await until(app.jobs.events(job.id, never), PROGRESS)
    const followers = [all(app.jobs.events(job.id, never)), all(app.jobs.events(job.id, never))]
    open()
    for (const events of await Promise.all(followers)) expect(events).toEqual([STATUS, PROGRESS, FINISH])
    expect(await app.jobs.get(job.id)).toMatchObject({ state: "done", doneBytes: 5, totalBytes: 10 })
    expect(await all(app.jobs.events(job.id, never))).toEqual([STATUS, FINISH])
  })

  test("nobody reads, and it is done all the same", async () => {
    const library = createFakeLibrary()
    const app = await world({ library })
    const { id } = await app.jobs.start(pull)
    await all(app.jobs.events(id, never))
    expect(library.pulled).toEqual(["tiny:1m"])
    const made = await app.jobs.start({ type: "create", create: { name: "mine", from: "tiny:1m" } })
    expect((await all(app.jobs.events(made.id, never))).at(-1)).toMatchObject({
      type: "finish",
      name: "mine",
    })
    expect(await app.jobs.list()).toMatchObject([{ kind: "create", state: "done" }, { kind: "pull" }])
  })

  test("the one who asks sees the offer", async () => {
    const app = await world()
    const offered: string[] = []
    const onOffer = ({ name }: { name: string }) => void offered.push(name)
    const { id } = await app.jobs.start({ type: "pull", pull: { reference: "tiny:1m", onOffer } })
    await all(app.jobs.events(id, never))
    expect(offered).toEqual(["tiny:1m"])
  })

  test("work that fails ends in an error event, the row says why", async () => {
    const app = await world()
    const { id } = await app.jobs.start({ type: "pull", pull: { reference: "large:1b" } })
    const live = await all(app.jobs.events(id, never))
    expect(live).toMatchObject([{ type: "error", code: "licence-not-accepted", hint: expect.any(String) }])
    expect(await app.jobs.get(id)).toMatchObject({ state: "failed", error: { code: "licence-not-accepted" } })
    expect(await all(app.jobs.events(id, never))).toEqual(live)
  })

  test("the end is told when the row says so", async () => {
    const table = tableOf(1)
    const written = Promise.withResolvers<void>()
    const update: typeof table.update = async (id, change) => {
      if (change.state !== undefined) await written.promise
      return table.update(id, change)
    }
    const app = await world({ jobs: { ...table, update } })
    const { id } = await app.jobs.start(pull)
    let state: string | undefined
    const ended = (async () => {
      for await (const event of app.jobs.events(id, never))
        if (event.type === "finish") state = (await table.find(id))?.state
    })()
    await new Promise(setImmediate)
    expect(state).toBeUndefined()
    written.resolve()
    await ended
    expect(state).toBe("done")
  })

  test("one that cannot be recorded does not begin", async () => {
    const begin = () => Promise.reject(new AppError("held", { message: "busy" }))
    const { library } = createGatedLibrary()
    const app = await world({ library, jobs: { ...createFakeJobs(), begin } })
    await expect(app.jobs.start(pull)).rejects.toEqual(code("held"))
  })

  test("a follower who leaves ends nothing", async () => {
    const { library, open } = createGatedLibrary()
    const app = await world({ library })
    const { id } = await app.jobs.start(pull)
    const leaving = new AbortController()
    const left = all(app.jobs.events(id, leaving.signal))
    leaving.abort()
    await expect(left).rejects.toMatchObject({ name: "AbortError" })
    open()
    expect((await all(app.jobs.events(id, never))).at(-1)).toEqual(FINISH)
  })

  test("a job that there is not", async () => {
    const app = await world()
    for (const asked of [
      app.jobs.get("x"),
      app.jobs.cancel("x"),
      app.jobs.resume("x"),
      all(app.jobs.events("x", never)),
    ])
      await expect(asked).rejects.toEqual(code("not-found"))
  })
})

describe("cancelling and resuming", () => {
  test("a cancelled pull says so to its followers, is resumed as a new job, and can end", async () => {
    const { library, open } = createGatedLibrary()
    const app = await world({ library })
    const { id } = await app.jobs.start(pull)
    const followed = all(app.jobs.events(id, never))
    expect(await app.jobs.resume(id)).toMatchObject({ id, state: "running" })
    expect(await app.jobs.cancel(id)).toMatchObject({ id, state: "cancelled" })
    expect((await followed).at(-1)).toMatchObject({ type: "error", code: "interrupted" })
    expect((await all(app.jobs.events(id, never))).at(-1)).toMatchObject({
      type: "error",
      code: "interrupted",
    })
    open()
    const resumed = await app.jobs.resume(id)
    expect(resumed).toMatchObject({ kind: "pull", subject: "tiny:1m" })
    expect(resumed.id).not.toBe(id)
    await all(app.jobs.events(resumed.id, never))
    expect(await app.jobs.cancel(resumed.id)).toMatchObject({ state: "done" })
    expect(await app.jobs.resume(resumed.id)).toMatchObject({ id: resumed.id, state: "done" })
  })

  test("a resumed pull is as fast as the one who resumes it says", async () => {
    const limits: (number | undefined)[] = []
    const library = createFakeLibrary([fakeStored()])
    const app = await world({
      library: {
        ...library,
        async *pull(_reference, { limitBytesPerSecond }) {
          limits.push(limitBytesPerSecond)
          yield STATUS
          throw new AppError("network-locked", { message: "The lock is closed." })
        },
      },
    })
    const { id } = await app.jobs.start(pull)
    await all(app.jobs.events(id, never))
    for (const options of [{ limitBytesPerSecond: 2_000_000 }, {}]) {
      const resumed = await app.jobs.resume(id, options)
      await all(app.jobs.events(resumed.id, never))
    }
    expect(limits).toEqual([undefined, 2_000_000, undefined])
  })

  test("work that does not look at its signal is cancelled at its next event", async () => {
    const gate = Promise.withResolvers<void>()
    const app = await world({
      library: {
        ...createFakeLibrary(),
        async *pull() {
          yield STATUS
          await gate.promise
          yield PROGRESS
          yield FINISH
        },
      },
    })
    const { id } = await app.jobs.start(pull)
    await until(app.jobs.events(id, never), STATUS)
    const cancelling = app.jobs.cancel(id)
    // Its turn comes after the cancel's own look at the table.
    await app.jobs.get(id)
    gate.resolve()
    expect(await cancelling).toMatchObject({ state: "cancelled" })
  })

  test("what is made cannot be resumed", async () => {
    const app = await world()
    const { id } = await app.jobs.start({ type: "create", create: { name: "mine", from: "nobody" } })
    expect((await all(app.jobs.events(id, never))).at(-1)).toMatchObject({ code: "model-not-found" })
    await expect(app.jobs.resume(id)).rejects.toEqual(code("unsupported"))
  })

  test("closing the app cancels what runs, and nothing begins any more", async () => {
    const { library } = createGatedLibrary()
    const world = await createFakeApp({ clock, jobs: tableOf(1), library })
    const { id } = await world.app.jobs.start(pull)
    const followed = all(world.app.jobs.events(id, never))
    await world[Symbol.asyncDispose]()
    expect((await followed).at(-1)).toMatchObject({ type: "error", code: "interrupted" })
    expect(await tableOf(1).find(id)).toMatchObject({ state: "cancelled" })
    await expect(world.app.jobs.start(pull)).rejects.toEqual(code("shutting-down"))
  })
})

describe("jobs of another process", () => {
  test("are followed by looking at the table", async () => {
    const other = tableOf(2)
    const id = await other.begin("pull", "tiny:1m")
    await other.append(id, STATUS)
    await other.update(id, { doneBytes: 2, totalBytes: 10 })
    const app = await world()
    const events = app.jobs.events(id, never)[Symbol.asyncIterator]()
    expect((await events.next()).value).toEqual(STATUS)
    const bytes = { type: "progress", file: "tiny:1m", totalBytes: 10 }
    expect((await events.next()).value).toEqual({ ...bytes, doneBytes: 2, bytesPerSecond: 0 })
    await other.update(id, { doneBytes: 8 })
    const next = events.next()
    await timer()
    clock.advance(1_000)
    expect((await next).value).toEqual({ ...bytes, doneBytes: 8, bytesPerSecond: 6 })
    await other.append(id, FINISH)
    await other.update(id, { state: "done" })
    const last = events.next()
    await timer()
    clock.advance(1_000)
    expect((await last).value).toEqual(FINISH)
    expect((await events.next()).done).toBe(true)
  })

  test("a follower who is stopped between two looks leaves", async () => {
    const id = await tableOf(2).begin("pull", "tiny:1m")
    const app = await world()
    const stopping = new AbortController()
    const followed = all(app.jobs.events(id, stopping.signal))
    await timer()
    stopping.abort()
    await expect(followed).rejects.toMatchObject({ name: "AbortError" })
    expect(clock.pendingTimers()).toBe(0)
  })

  test("end when one asks for it, with their next progress", async () => {
    const mine = await world({ jobs: tableOf(1) })
    const gate = Promise.withResolvers<void>()
    const library: Library = {
      ...createFakeLibrary(),
      async *pull() {
        yield STATUS
        await gate.promise
        for (;;) {
          clock.advance(1_000)
          yield PROGRESS
          // The write of the progress gets its turn.
          await new Promise(setImmediate)
        }
      },
    }
    const other = await world({ jobs: tableOf(2), library })
    const { id } = await other.jobs.start(pull)
    expect(await mine.jobs.cancel(id)).toMatchObject({ state: "running" })
    const followed = all(other.jobs.events(id, never))
    gate.resolve()
    expect((await followed).at(-1)).toMatchObject({ type: "error", code: "interrupted" })
    expect(await mine.jobs.get(id)).toMatchObject({ state: "cancelled" })
  })

  test.each([
    ["that is gone", new Map([[1, "first"]])],
    ["whose number is another's now", new Map([...processes, [2, "third"]])],
  ])("are shown as failed when they belong to one %s", async (_, alive) => {
    const id = await tableOf(2).begin("pull", "tiny:1m")
    await tableOf(2).append(id, STATUS)
    const app = await world({ jobs: tableOf(1, alive) })
    const shown = { id, state: "failed", error: { code: "interrupted" } }
    expect(await app.jobs.get(id)).toMatchObject(shown)
    expect(await app.jobs.list()).toMatchObject([shown])
    expect(await app.jobs.cancel(id)).toMatchObject(shown)
    expect(await all(app.jobs.events(id, never))).toMatchObject([
      STATUS,
      { type: "error", code: "interrupted" },
    ])
    const resumed = await app.jobs.resume(id)
    expect((await all(app.jobs.events(resumed.id, never))).at(-1)).toMatchObject({ type: "finish" })
  })

  test("that were recorded without a process are shown as failed", async () => {
    database.run(
      "INSERT INTO job (id, kind, subject, state, created_at, updated_at) VALUES ('old', 'pull', 'x', 'running', '', '')",
    )
    expect(await tableOf(1).find("old")).toMatchObject({ state: "failed", error: { code: "interrupted" } })
  })
})

/** Resolves when somebody waits for the clock. */
async function timer(): Promise<void> {
  while (clock.pendingTimers() === 0) await new Promise(setImmediate)
}
