import { expect, test } from "vitest"
import { chooseLanguage } from "./languages.ts"

test.each([
  [["de-AT", "en"], "de"],
  [["xx", "zh-Hans-CN"], "zh"],
  [["AR"], "ar"],
  [["xx"], "en"],
  [["constructor"], "en"],
  [[], "en"],
])("of %j the page speaks %s", (wanted, language) => {
  expect(chooseLanguage(wanted)).toBe(language)
})
