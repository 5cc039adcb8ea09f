import { expect, test } from "vitest"
import { guessRunFlags } from "./early-app.ts"

test.each([
  [["run", "tiny"], {}],
  [["run", "tiny", "--home", "/h", "say run"], { home: "/h" }],
  [["--home=/h", "--engine", "echo", "run", "tiny"], { home: "/h", engine: "echo" }],
  [["--json", "run", "tiny", "--", "--home", "/x"], {}],
  [["list"], undefined],
  [["help", "run"], undefined],
  [["run", "--help"], undefined],
  [[], undefined],
  [["--home", "run"], undefined],
  [["show", "run"], undefined],
])("%j: %j", (argv, flags) => {
  expect(guessRunFlags(argv)).toEqual(flags)
})
