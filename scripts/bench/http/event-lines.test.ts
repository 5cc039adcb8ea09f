import fc from "fast-check"
import { expect, test } from "vitest"
import { createEventLines } from "./event-lines.ts"

test("comments, other fields and carriage returns are no data", () => {
  const lines = createEventLines()
  expect(lines(": hello\r\ndata: a\r\n\r\nevent: x\ndata: b c\n")).toEqual(["a", "b c"])
  expect(lines("data: unfinished")).toEqual([])
  expect(lines(" line\n")).toEqual(["unfinished line"])
})

test("the same data however the text is cut", () => {
  const data = fc.array(fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\r\n]/g, "")))
  fc.assert(
    fc.property(data, fc.array(fc.nat({ max: 40 })), (said, cuts) => {
      const whole = said.map((text) => `data: ${text}\n\n`).join("")
      const lines = createEventLines()
      const heard: string[] = []
      let at = 0
      for (const cut of cuts) {
        heard.push(...lines(whole.slice(at, at + cut)))
        at += cut
      }
      heard.push(...lines(whole.slice(at)))
      expect(heard).toEqual(said)
    }),
  )
})
