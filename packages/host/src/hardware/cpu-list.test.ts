import { expect, test } from "vitest"
import { parseCpuList } from "./cpu-list.ts"

test.each<[string, readonly number[] | undefined]>([
  ["0", [0]],
  ["0-3\n", [0, 1, 2, 3]],
  ["8,0-1,10-11", [0, 1, 8, 10, 11]],
  ["3,3,2-3", [2, 3]],
  ["", undefined],
  ["3-1", undefined],
  ["a", undefined],
  ["0-", undefined],
  ["0-65536", undefined],
])("%j is %j", (text, expected) => {
  expect(parseCpuList(text)).toEqual(expected)
})

test("the highest number is accepted", () => {
  expect(parseCpuList("65535")).toEqual([65_535])
})
