import { describe, expect, test } from "vitest"
import { readPreferences } from "./preferences.ts"

const DEFAULTS = {
  theme: "auto",
  language: "",
  textSize: "medium",
  motion: "auto",
  announcements: true,
  enterSends: true,
}

describe("preferences in the browser", () => {
  test("what was chosen is kept", () => {
    const chosen = {
      theme: "dark",
      language: "de",
      textSize: "large",
      motion: "reduced",
      announcements: false,
      enterSends: false,
    }
    expect(readPreferences(chosen)).toEqual(chosen)
  })

  test("one value that is none of ours does not take the others with it", () => {
    expect(readPreferences({ theme: "purple", enterSends: false, more: 1 })).toEqual({
      ...DEFAULTS,
      enterSends: false,
    })
  })

  test.each([[undefined], [null], ["dark"], [7], [[]], [{}]])("%j is nothing", (stored) => {
    expect(readPreferences(stored)).toEqual(DEFAULTS)
  })
})
