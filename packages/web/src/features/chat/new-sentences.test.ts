import { expect, test } from "vitest"
import { newSentences } from "./new-sentences.ts"

test("every sentence is said once, when it is whole", () => {
  const whole = "It is warm. Pi is 3.14 here.\nYes! Or"
  const said: string[] = []
  let upTo = 0
  for (let length = 1; length <= whole.length; length++) {
    const next = newSentences(whole.slice(0, length), upTo)
    if (next.text !== "") said.push(next.text)
    upTo = next.upTo
  }
  expect(said).toEqual(["It is warm.", "Pi is 3.14 here.", "Yes!"])
})

test("nothing is said of half a sentence", () => {
  expect(newSentences("It is", 0)).toEqual({ text: "", upTo: 0 })
})
