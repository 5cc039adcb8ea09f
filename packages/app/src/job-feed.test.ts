import type { JobEvent } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { createJobFeed } from "./job-feed.ts"

const never = new AbortController().signal
const status = (message: string): JobEvent => ({ type: "status", message })
const progress = (file: string, doneBytes: number): JobEvent => ({
  type: "progress",
  file,
  doneBytes,
  totalBytes: 10,
  bytesPerSecond: 1,
})

async function all(events: AsyncIterable<JobEvent>): Promise<JobEvent[]> {
  const list: JobEvent[] = []
  for await (const event of events) list.push(event)
  return list
}

describe("the feed of a job", () => {
  test("followers of any time get what was and what comes, of progress the newest", async () => {
    const feed = createJobFeed()
    feed.push(status("a"))
    const early = feed.follow(never)[Symbol.asyncIterator]()
    expect(await early.next()).toEqual({ done: false, value: status("a") })
    const waiting = early.next()
    feed.push(progress("x", 1))
    expect(await waiting).toEqual({ done: false, value: progress("x", 1) })
    feed.push(progress("y", 1))
    feed.push(progress("x", 2))
    feed.push(progress("x", 3))
    feed.push(status("b"))
    const late = all(feed.follow(never))
    feed.end()
    const rest = [progress("y", 1), progress("x", 3), status("b")]
    expect(await late).toEqual([status("a"), ...rest])
    expect(await all({ [Symbol.asyncIterator]: () => early })).toEqual(rest)
    expect(await all(feed.follow(never))).toEqual([status("a"), ...rest])
  })

  test("at n all events are kept, at n + 1 the oldest goes", async () => {
    const feed = createJobFeed(3)
    for (const message of ["a", "b", "c"]) feed.push(status(message))
    feed.end()
    expect(await all(feed.follow(never))).toHaveLength(3)
    feed.push(status("d"))
    expect(await all(feed.follow(never))).toEqual([status("b"), status("c"), status("d")])
  })

  test("a follower who is stopped while waiting leaves, the others stay", async () => {
    const feed = createJobFeed()
    const controller = new AbortController()
    const stopped = all(feed.follow(controller.signal))
    const staying = all(feed.follow(never))
    controller.abort(new Error("enough"))
    await expect(stopped).rejects.toThrow("enough")
    feed.push(status("a"))
    feed.end()
    expect(await staying).toEqual([status("a")])
  })
})
