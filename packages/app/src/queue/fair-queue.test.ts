import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { createFairQueue, type FairQueueOptions, type Ticket } from "./fair-queue.ts"

const OPTIONS: FairQueueOptions = { slots: () => 1, length: 8, quantumTokens: 10, shareOfOneOwner: 0.5 }

const ticket = (owner: string, cost = 10, key = "m"): Ticket => ({ key, owner, cost })

describe("turns", () => {
  test("as many as there are slots run, the others wait in order, and each leaves one place", () => {
    const queue = createFairQueue({ ...OPTIONS, slots: () => 2 })
    const [first, second, third, fourth] = [ticket("a"), ticket("a"), ticket("a"), ticket("a")]
    expect([first, second, third, fourth].map((it) => queue.enter(it))).toEqual([
      "running",
      "running",
      "waiting",
      "waiting",
    ])
    expect([queue.running, queue.waiting]).toEqual([2, 2])
    expect(queue.order("m")).toEqual([third, fourth])
    expect(queue.leave(second)).toEqual([third])
    expect(queue.leave(second)).toEqual([])
    expect(queue.leave(fourth)).toEqual([])
    expect([queue.running, queue.waiting]).toEqual([2, 0])
  })

  test("an idle model is not behind one that is busy", () => {
    const queue = createFairQueue(OPTIONS)
    for (let count = 0; count < 5; count++) queue.enter(ticket("a"))
    expect(queue.enter(ticket("a", 10, "other"))).toBe("running")
  })

  test("more slots start turns; fewer let the running ones end", () => {
    const queue = createFairQueue(OPTIONS)
    const [first, second, third] = [ticket("a"), ticket("a"), ticket("a")]
    for (const it of [first, second, third]) queue.enter(it)
    expect(queue.resize("m", 2)).toEqual([second])
    expect(queue.resize("m", 1)).toEqual([])
    expect(queue.leave(first)).toEqual([])
    expect(queue.leave(second)).toEqual([third])
  })
})

describe("bounds", () => {
  test("the length counts all models, n is taken and n + 1 is not", () => {
    const queue = createFairQueue({ ...OPTIONS, length: 2, shareOfOneOwner: 1 })
    queue.enter(ticket("a"))
    queue.enter(ticket("a", 10, "other"))
    expect(queue.enter(ticket("a"))).toBe("waiting")
    expect(queue.enter(ticket("b", 10, "other"))).toBe("waiting")
    expect(queue.enter(ticket("c"))).toBe("full")
    expect(queue.enter(ticket("c", 10, "third"))).toBe("running")
  })

  test("a queue of no length refuses what has no slot", () => {
    const queue = createFairQueue({ ...OPTIONS, length: 0 })
    expect([ticket("a"), ticket("a")].map((it) => queue.enter(it))).toEqual(["running", "full"])
  })

  test("one owner alone may fill it all, beside another only its share", () => {
    const alone = createFairQueue(OPTIONS)
    const taken = Array.from({ length: 10 }, () => alone.enter(ticket("a")))
    expect(taken).toEqual(["running", ...Array.from({ length: 8 }, () => "waiting"), "full"])

    const shared = createFairQueue(OPTIONS)
    shared.enter(ticket("b"))
    const own = Array.from({ length: 5 }, () => shared.enter(ticket("a")))
    expect(own).toEqual(["waiting", "waiting", "waiting", "waiting", "share"])
    expect(shared.enter(ticket("b"))).toBe("waiting")
  })
})

describe("fairness", () => {
  test("an owner with many requests does not hold up one with few", () => {
    const queue = createFairQueue(OPTIONS)
    const running = ticket("a")
    queue.enter(running)
    const many = [ticket("a"), ticket("a"), ticket("a")]
    for (const it of many) queue.enter(it)
    const late = ticket("b")
    queue.enter(late)
    expect(queue.order("m")).toEqual([many[0], late, many[1], many[2]])
  })

  test("long requests have fewer turns than short ones", () => {
    const queue = createFairQueue({ ...OPTIONS, length: 100, shareOfOneOwner: 1 })
    queue.enter(ticket("c"))
    for (let count = 0; count < 4; count++) queue.enter(ticket("long", 30))
    for (let count = 0; count < 12; count++) queue.enter(ticket("short", 10))
    const firstHalf = queue.order("m").slice(0, 8)
    expect(firstHalf.filter((it) => it.owner === "long")).toHaveLength(2)
  })

  test("two owners who always wait get the same number of tokens, to a quantum and a request", () => {
    const costs = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 20, maxLength: 40 })
    fc.assert(
      fc.property(costs, costs, (left, right) => {
        const queue = createFairQueue({ ...OPTIONS, length: 1_000, shareOfOneOwner: 1 })
        queue.enter(ticket("other"))
        for (const cost of left) queue.enter(ticket("left", cost))
        for (const cost of right) queue.enter(ticket("right", cost))
        const served = { left: 0, right: 0 }
        const waiting = { left: left.length, right: right.length }
        for (const { owner, cost } of queue.order("m")) {
          const name = owner === "left" ? "left" : "right"
          served[name] += cost
          waiting[name] -= 1
          if (waiting.left === 0 || waiting.right === 0) break
          // The bound of the paper: 2 × quantum + the largest request.
          expect(Math.abs(served.left - served.right)).toBeLessThanOrEqual(2 * OPTIONS.quantumTokens + 60)
        }
      }),
    )
  })
})

type Step =
  | { readonly type: "enter"; readonly owner: number; readonly cost: number; readonly key: number }
  | { readonly type: "leave"; readonly at: number }
  | { readonly type: "resize"; readonly key: number; readonly slots: number }

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("enter" as const),
      owner: fc.nat(3),
      cost: fc.integer({ min: 1, max: 50 }),
      key: fc.nat(1),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("leave" as const), at: fc.nat(30) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("resize" as const),
      key: fc.nat(1),
      slots: fc.integer({ min: 1, max: 4 }),
    }),
  },
)

describe("against a naive model", () => {
  test("capacity is never exceeded, no slot stays empty, everybody who waits has a turn once and in the order that was told", () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 120 }), (steps) => {
        const length = 6
        const queue = createFairQueue({ ...OPTIONS, slots: () => 2, length })
        const slots = new Map<string, number>()
        const running: Ticket[] = []
        const waiting: Ticket[] = []
        const of = (list: readonly Ticket[], key: string) => list.filter((it) => it.key === key)
        const begin = (started: readonly Ticket[], told: readonly Ticket[]) => {
          expect(started).toEqual(told.slice(0, started.length))
          for (const it of started) {
            expect(waiting).toContain(it)
            waiting.splice(waiting.indexOf(it), 1)
            running.push(it)
          }
        }
        for (const step of steps) {
          switch (step.type) {
            case "enter": {
              const it = ticket(`o${step.owner}`, step.cost, `m${step.key}`)
              const isFree = of(running, it.key).length < (slots.get(it.key) ?? 2)
              const mine = waiting.filter((other) => other.owner === it.owner).length
              const isAlone = [...running, ...waiting].every((other) => other.owner === it.owner)
              const expected = isFree
                ? "running"
                : waiting.length >= length
                  ? "full"
                  : mine >= 3 && !isAlone
                    ? "share"
                    : "waiting"
              expect(queue.enter(it)).toBe(expected)
              if (expected === "running") running.push(it)
              if (expected === "waiting") waiting.push(it)
              break
            }
            case "leave": {
              const all = [...running, ...waiting]
              const it = all[step.at % Math.max(1, all.length)]
              if (it === undefined) break
              const list = running.includes(it) ? running : waiting
              list.splice(list.indexOf(it), 1)
              const told = queue.order(it.key).filter((other) => other !== it)
              const started = queue.leave(it)
              if (list === running) begin(started, told)
              else expect(started).toEqual([])
              expect(queue.leave(it)).toEqual([])
              break
            }
            case "resize": {
              const key = `m${step.key}`
              if (of([...running, ...waiting], key).length > 0) slots.set(key, step.slots)
              const told = queue.order(key)
              begin(queue.resize(key, step.slots), told)
              break
            }
            default:
              step satisfies never
          }
          for (const key of ["m0", "m1"]) {
            const count = of(running, key).length
            if (count === 0 && of(waiting, key).length === 0) slots.delete(key)
            if (of(waiting, key).length > 0) expect(count).toBeGreaterThanOrEqual(slots.get(key) ?? 2)
            expect(new Set(queue.order(key))).toEqual(new Set(of(waiting, key)))
            expect(queue.waitingOf(key)).toBe(of(waiting, key).length)
          }
          expect([queue.running, queue.waiting]).toEqual([running.length, waiting.length])
          expect(waiting.length).toBeLessThanOrEqual(length)
        }
        // Nobody starves: when turns end, all who wait have one.
        for (let turns = 0; waiting.length > 0 && turns < 200; turns++) {
          const [it] = of(running, waiting[0]?.key ?? "")
          if (it === undefined) throw new Error("somebody waits for a model that does nothing")
          running.splice(running.indexOf(it), 1)
          const told = queue.order(it.key)
          begin(queue.leave(it), told)
        }
        expect(waiting).toEqual([])
      }),
    )
  })
})
