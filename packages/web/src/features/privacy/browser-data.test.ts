import { expect, test } from "vitest"
import { forgetBrowserData } from "./browser-data.ts"

function fakeStorage(entries: Readonly<Record<string, string>>): Storage {
  const items = new Map(Object.entries(entries))
  return {
    get length() {
      return items.size
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name),
    clear: () => items.clear(),
  }
}

test("every draft goes; how the page looks, the key and other pages' things stay", () => {
  const store = fakeStorage({
    "fireside-draft-1": "a",
    "fireside-draft-2": "b",
    "fireside-preferences": "{}",
    "fireside-key": "fs-x",
    other: "c",
  })
  forgetBrowserData([store])
  expect(Array.from({ length: store.length }, (_, index) => store.key(index))).toEqual([
    "fireside-preferences",
    "fireside-key",
    "other",
  ])
})
