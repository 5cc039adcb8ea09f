import { expect, test } from "vitest"
import type { FromChild, StreamEnd } from "./messages.ts"
import { createStepOutbox } from "./step-outbox.ts"
import { emptyReport } from "./step-report.ts"

function open() {
  const sent: FromChild[] = []
  let now = 1_000
  const outbox = createStepOutbox({
    send: (message) => void sent.push(message),
    activity: () => ({ streams: 1, queued: 0, threads: 2 }),
    now: () => now,
  })
  return {
    outbox,
    say: (requestId: number, text: string) => outbox.add({ ...emptyReport(), deltas: [{ requestId, text }] }),
    wait: (ms: number) => {
      now += ms
    },
    texts: () =>
      sent.map((message) =>
        message.type === "step" ? message.deltas.map(({ text }) => text) : message.type,
      ),
    sent,
  }
}

const END = { requestId: 1, reason: "stop" } as StreamEnd // the fields that are looked at

test("the first word goes at once, those within a picture's time after it go together", () => {
  const { say, wait, texts } = open()
  for (const text of ["a", "b", "c", "d", "e"]) {
    say(1, text)
    wait(6)
  }
  expect(texts()).toEqual([["a"], ["b", "c", "d"]])
})

test("steps that take longer than a picture are told one by one", () => {
  const { say, wait, texts } = open()
  for (const text of ["a", "b", "c"]) {
    say(1, text)
    wait(20)
  }
  expect(texts()).toEqual([["a"], ["b"], ["c"]])
})

test("another stream's first word waits for nobody, and takes along what was said before", () => {
  const { say, texts, outbox } = open()
  say(1, "a")
  say(1, "b")
  say(2, "x")
  expect(texts()).toEqual([["a"], ["b", "x"]])
  say(2, "y")
  outbox.forget(2)
  say(2, "again from the start")
  expect(texts().at(-1)).toEqual(["y", "again from the start"])
})

test("an end goes at once, with all words before it, and the next stream of that number begins anew", () => {
  const { say, texts, outbox, sent } = open()
  say(1, "a")
  say(1, "b")
  outbox.add({ ...emptyReport(), deltas: [{ requestId: 1, text: "c" }], ends: [END] })
  expect(texts()).toEqual([["a"], ["b", "c"]])
  expect(sent.at(-1)).toMatchObject({ type: "step", ends: [END], streams: 1, queued: 0, threads: 2 })
  say(1, "d")
  expect(texts().at(-1)).toEqual(["d"])
})

test("what waits goes when it is asked for, once, and nothing is sent when nothing was said", () => {
  const { say, texts, outbox } = open()
  outbox.add(emptyReport())
  outbox.flush()
  say(1, "a")
  say(1, "b")
  outbox.flush()
  outbox.flush()
  expect(texts()).toEqual([["a"], ["b"]])
})
