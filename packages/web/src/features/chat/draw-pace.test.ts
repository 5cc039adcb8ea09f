import { expect, test } from "vitest"
import { createDrawPace } from "./draw-pace.ts"

/** Frames of 10 ms; each drawing takes `costMs`. */
function createStage(costMs: number) {
  let nowMs = 0
  const waiting: (() => void)[] = []
  const drawnAt: number[] = []
  const pace = createDrawPace({
    draw() {
      drawnAt.push(nowMs)
      nowMs += costMs
    },
    onFrame: (callback) => waiting.push(callback),
    now: () => nowMs,
  })
  return {
    pace,
    drawnAt,
    async frame() {
      nowMs = Math.floor(nowMs / 10 + 1) * 10
      for (const callback of waiting.splice(0)) callback()
      await Promise.resolve()
    },
    waiting: () => waiting.length,
  }
}

test("however often it is asked, it draws once a frame, and not at all when nothing is new", async () => {
  const stage = createStage(1)
  for (let at = 0; at < 100; at++) stage.pace.ask()
  expect(stage.waiting()).toBe(1)
  await stage.frame()
  await stage.frame()
  stage.pace.ask()
  await stage.frame()
  expect(stage.drawnAt).toEqual([10, 30])
})

test("what takes long to draw is drawn less often: a quarter of the time", async () => {
  const stage = createStage(25)
  for (let at = 0; at < 40; at++) {
    stage.pace.ask()
    await stage.frame()
  }
  const [first = 0, second = 0, third = 0] = stage.drawnAt
  expect([second - first, third - second]).toEqual([100, 100])
})

test("what must be there is drawn at once, and then not a second time", async () => {
  const stage = createStage(1)
  stage.pace.ask()
  stage.pace.drawNow()
  await stage.frame()
  expect(stage.drawnAt).toEqual([0])
})
