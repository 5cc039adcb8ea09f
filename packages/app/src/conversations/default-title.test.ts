import { expect, test } from "vitest"
import { defaultTitle } from "./default-title.ts"

const ten = "123456789 "

test.each([
  ["short", "short", "short"],
  ["lines and spaces", "  a\n\n b\tc ", "a b c"],
  ["nothing", " \n ", ""],
  ["sixty characters", `${ten.repeat(5)}1234567890`, `${ten.repeat(5)}1234567890`],
  ["one more, in the middle of a word", `${ten.repeat(5)}12345678901`, ten.repeat(5).trim()],
  ["a border right behind the sixtieth", `${ten.repeat(5)}1234567890 more`, `${ten.repeat(5)}1234567890`],
  ["a border at the sixtieth", `${ten.repeat(6)}more`, ten.repeat(6).trim()],
  ["one long word", "a".repeat(61), "a".repeat(60)],
  ["characters of two units", "🔥".repeat(61), "🔥".repeat(60)],
  ["a cut through a character of two units", `a${" ".repeat(238)}🔥`, "a"],
])("%s", (_, text, title) => {
  expect(defaultTitle(text)).toBe(title)
})
