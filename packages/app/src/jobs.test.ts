import { AppError, type JobEvent } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { createFakeApp, createFakeJobs, createFakeLibrary } from "./testing.ts"

const never = new AbortController().signal

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const event of events) list.push(event)
  return list
}

const thrownBy = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

describe("jobs", () => {
  test("a pull is a job with its events", async () => {
    await using world = await createFakeApp()
    const { app, jobs } = world
    const events = await all(app.models.pull({ reference: "tiny:1m" }, never))
    expect(events.at(-1)).toMatchObject({ type: "finish", name: "tiny:1m" })
    expect(await app.jobs.list()).toMatchObject([
      { kind: "pull", subject: "tiny:1m", state: "done", doneBytes: 5, totalBytes: 10 },
    ])
    expect(jobs.log.map(([, event]) => event.type)).toEqual(["status", "finish"])
  })

  test("an error event is thrown, and the row says why", async () => {
    const broken: JobEvent = { type: "error", code: "disk-full", message: "No room.", hint: "Free some." }
    await using world = await createFakeApp({
      library: createFakeLibrary([], () => [{ type: "status", message: "x" }, broken]),
    })
    const { app } = world
    expect(await thrownBy(all(app.models.pull({ reference: "tiny:1m" }, never)))).toMatchObject({
      code: "disk-full",
      hint: "Free some.",
    })
    expect(await app.jobs.list()).toMatchObject([{ state: "failed", error: { code: "disk-full" } }])
  })

  test("a reader who leaves cancels it", async () => {
    await using world = await createFakeApp()
    const { app } = world
    for await (const _event of app.models.pull({ reference: "tiny:1m" }, never)) break
    expect(await app.jobs.list()).toMatchObject([{ state: "cancelled" }])
  })

  test("one who leaves at the last event does not", async () => {
    await using world = await createFakeApp()
    const { app } = world
    for await (const event of app.models.pull({ reference: "tiny:1m" }, never))
      if (event.type === "finish") break
    expect(await app.jobs.list()).toMatchObject([{ state: "done" }])
  })

  test("a database that fails does not stop the pull", async () => {
    const jobs = {
      ...createFakeJobs(),
      begin: () => Promise.reject(new AppError("held", { message: "busy" })),
    }
    await using world = await createFakeApp({ jobs })
    const { app, library } = world
    await all(app.models.pull({ reference: "tiny:1m" }, never))
    expect(library.pulled).toEqual(["tiny:1m"])
  })

  test("a job without an end is a mistake of ours", async () => {
    await using world = await createFakeApp({
      library: createFakeLibrary([], () => [{ type: "status", message: "x" }]),
    })
    const { app } = world
    expect(await thrownBy(all(app.models.pull({ reference: "tiny:1m" }, never)))).toMatchObject({
      message: /ended without/,
    })
  })
})
