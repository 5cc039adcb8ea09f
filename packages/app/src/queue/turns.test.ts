import { createFakeClock, createMemoryLog } from "@fireside/host/testing"
import { QUEUE_LIMITS, type WaitEvent } from "@fireside/protocol"
import { expect, test } from "vitest"
import { createTurns, type TurnsOptions } from "./turns.ts"

const never = new AbortController().signal

function turnsWith(change: Partial<TurnsOptions> = {}) {
  const clock = createFakeClock()
  const log = createMemoryLog()
  const turns = createTurns({ clock, log, queueLength: 4, slots: () => 1, ...change })
  const take = (owner = "ann", signal = never, onWait?: (event: WaitEvent) => void) =>
    turns.take({ key: "m", owner, cost: 10, onWait }, signal)
  return { clock, log, turns, take }
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

test("a turn begins when the one before it is over, and is given back once", async () => {
  const { turns, take } = turnsWith()
  const first = await take()
  const second = take()
  const third = take()
  expect([turns.running, turns.waiting, turns.waitingOf("m")]).toEqual([1, 2, 2])
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  const turn = await second
  expect([turns.running, turns.waiting]).toEqual([1, 1])
  turn[Symbol.dispose]()
  const last = await third
  last[Symbol.dispose]()
  expect([turns.running, turns.waiting]).toEqual([0, 0])
})

test("the position is told at the beginning and whenever it changes", async () => {
  const { take } = turnsWith()
  const first = await take()
  const heard: WaitEvent[][] = [[], []]
  const second = take("ann", never, (event) => heard[0]?.push(event))
  const third = take("ann", never, (event) => heard[1]?.push(event))
  first[Symbol.dispose]()
  await second
  expect(heard).toEqual([
    [{ type: "queue-progress", position: 1, waiting: 1 }],
    [
      { type: "queue-progress", position: 2, waiting: 2 },
      { type: "queue-progress", position: 1, waiting: 1 },
    ],
  ])
  ;(await second)[Symbol.dispose]()
  await third
})

test("a listener that fails costs nobody a turn", async () => {
  const { log, take } = turnsWith()
  const first = await take()
  const second = take("ann", never, () => {
    throw new Error("deaf")
  })
  first[Symbol.dispose]()
  await second
  expect(log.lines.map((line) => line.message)).toEqual(["a listener of the queue failed"])
})

test("a request that is dropped leaves the queue at once, and its timer too", async () => {
  const { clock, turns, take } = turnsWith()
  const first = await take()
  const gone = new AbortController()
  const second = failureOf(take("ann", gone.signal))
  expect(turns.waiting).toBe(1)
  gone.abort()
  expect(turns.waiting).toBe(0)
  expect(clock.pendingTimers()).toBe(0)
  expect(await second).toMatchObject({ code: "interrupted" })
  expect(await failureOf(take("ann", gone.signal))).toMatchObject({ code: "interrupted" })
  first[Symbol.dispose]()
  expect(turns.running).toBe(0)
})

test("past the bound it is refused at once, with the seconds that turns take", async () => {
  const { clock, take } = turnsWith({ queueLength: 2 })
  const first = await take()
  const second = take()
  clock.advance(4_000)
  first[Symbol.dispose]()
  const running = await second
  void take()
  void take()
  // Three turns of 4 s until this one would begin.
  expect(await failureOf(take())).toMatchObject({ code: "overloaded", details: { retryAfterSeconds: 12 } })
  clock.advance(QUEUE_LIMITS.waitMs - 1)
  running[Symbol.dispose]()
  void take()
  expect(await failureOf(take())).toMatchObject({ details: { retryAfterSeconds: 60 } })
})

test("an owner past its share is told so, and the other still gets in", async () => {
  const { take } = turnsWith()
  await take("bob")
  void take("ann")
  void take("ann")
  expect(await failureOf(take("ann"))).toMatchObject({
    code: "rate-limited",
    details: { retryAfterSeconds: 1 },
  })
  const bob = take("bob")
  expect(await Promise.race([bob, Promise.resolve("waits")])).toBe("waits")
})

test("a wait ends", async () => {
  const { clock, turns, take } = turnsWith()
  const first = await take()
  const second = failureOf(take())
  clock.advance(QUEUE_LIMITS.waitMs - 1)
  expect(turns.waiting).toBe(1)
  clock.advance(1)
  expect(await second).toMatchObject({ code: "overloaded" })
  expect(turns.waiting).toBe(0)
  first[Symbol.dispose]()
})

test("an owner who fills the queue makes a place for one who comes later, with its newest request", async () => {
  const { take, turns } = turnsWith()
  const first = await take("many")
  const waiting = [1, 2, 3, 4].map(() => take("many"))
  const newest = failureOf(waiting[3] ?? Promise.resolve())
  const few = [take("few"), take("few")]
  expect(await newest).toMatchObject({ code: "rate-limited", details: { retryAfterSeconds: 1 } })
  expect(await failureOf(waiting[2] ?? Promise.resolve())).toMatchObject({ code: "rate-limited" })
  // Two and two: nobody has more than the other would have.
  expect(await failureOf(take("few"))).toMatchObject({ code: "overloaded" })
  expect([turns.running, turns.waiting]).toEqual([1, 4])
  first[Symbol.dispose]()
  ;(await waiting[0])?.[Symbol.dispose]()
  ;(await waiting[1])?.[Symbol.dispose]()
  ;(await few[0])?.[Symbol.dispose]()
  await few[1]
})
