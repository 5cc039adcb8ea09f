import { readFileSync } from "node:fs"
import { join } from "node:path"
import { PAGE_PATHS } from "@fireside/protocol"
import { expect, test } from "vitest"
import { ROOT } from "./walk-house.ts"

test("the page has a screen at every address that the server gives it out at, and no other", () => {
  const router = readFileSync(join(ROOT, "packages", "web", "src", "router.tsx"), "utf8")
  const screens = [...router.matchAll(/path: "([^"]+)"/g)].map(([, path = ""]) => path.replaceAll("$", ":"))
  expect(screens.sort()).toEqual([...PAGE_PATHS].sort())
})
