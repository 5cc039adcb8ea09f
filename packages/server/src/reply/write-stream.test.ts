import { EventEmitter } from "node:events"
import { createFakeClock } from "@fireside/host/testing"
import { HTTP_LIMITS } from "@fireside/protocol"
import { expect, test } from "vitest"
import { type StreamTarget, writeStream } from "./write-stream.ts"

/** A socket whose reader takes what is written only when the test says so. */
class FakeTarget extends EventEmitter implements StreamTarget {
  readonly writes: string[] = []
  writableLength = 0
  destroyed = false
  ended = false
  reads = true
  writeHead(): void {}
  write(text: string): boolean {
    this.writes.push(text)
    if (this.reads) return true
    this.writableLength += text.length
    return false
  }
  take(): void {
    this.writableLength = 0
    this.emit("drain")
  }
  end(): void {
    this.ended = true
  }
  destroy(): void {
    this.destroyed = true
    this.emit("close")
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test("what comes in one turn is one write, and everything arrives in order", async () => {
  const target = new FakeTarget()
  async function* frames(): AsyncGenerator<string> {
    yield "a"
    yield "b"
    await turn()
    await turn()
    yield "c"
  }
  const options = { clock: createFakeClock(), leave: () => {} }
  await writeStream(target, { frames: frames(), headers: {}, heartbeat: undefined }, options)
  expect(target.writes).toEqual(["ab", "c"])
  expect(target.ended).toBe(true)
})

test("a reader who does not take holds back the frames, and goes on when it takes", async () => {
  const target = new FakeTarget()
  target.reads = false
  let made = 0
  async function* frames(): AsyncGenerator<string> {
    for (; made < 100; made += 1) {
      yield "x".repeat(16 * 1024)
      await turn()
    }
  }
  const clock = createFakeClock()
  const done = writeStream(
    target,
    { frames: frames(), headers: {}, heartbeat: undefined },
    { clock, leave: () => {} },
  )
  for (let i = 0; i < 300; i += 1) await turn()
  expect(target.writableLength).toBeLessThanOrEqual(HTTP_LIMITS.streamBufferBytes + 16 * 1024)
  expect(made).toBeLessThan(20)
  target.reads = true
  target.take()
  await done
  expect(target.writes.join("")).toHaveLength(100 * 16 * 1024)
})

test("a reader who takes nothing for long has left: its work ends", async () => {
  const target = new FakeTarget()
  target.reads = false
  let returned = false
  let left = false
  async function* frames(): AsyncGenerator<string> {
    try {
      for (;;) yield "x".repeat(64 * 1024)
    } finally {
      returned = true
    }
  }
  const clock = createFakeClock()
  const done = writeStream(
    target,
    { frames: frames(), headers: {}, heartbeat: undefined },
    {
      clock,
      leave: () => {
        left = true
      },
    },
  )
  for (let i = 0; i < 20; i += 1) await turn()
  clock.advance(HTTP_LIMITS.slowReaderMs - 1)
  expect(left).toBe(false)
  clock.advance(1)
  await done
  expect([left, returned, target.destroyed, target.ended]).toEqual([true, true, true, false])
})

test("a waiting stream beats, a busy one does not", async () => {
  const target = new FakeTarget()
  const clock = createFakeClock()
  const { promise: more, resolve: goOn } = Promise.withResolvers<void>()
  async function* frames(): AsyncGenerator<string> {
    yield "a"
    await more
    yield "b"
  }
  const done = writeStream(
    target,
    { frames: frames(), headers: {}, heartbeat: "♥" },
    { clock, leave: () => {} },
  )
  await turn()
  await turn()
  clock.advance(HTTP_LIMITS.streamHeartbeatMs)
  clock.advance(HTTP_LIMITS.streamHeartbeatMs)
  goOn()
  await done
  expect(target.writes.join("")).toMatch(/^a♥{1,2}b$/)
})
