import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs"
import { join, sep } from "node:path"
import { AppError } from "@fireside/protocol"
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { layoutOf, resolveInside } from "./paths.ts"
import { createTemporaryHome, type TemporaryHome } from "./testing.ts"

let home: TemporaryHome
let root: string
beforeEach(async () => {
  home = await createTemporaryHome()
  root = home.paths.blobs
})
afterEach(async () => {
  await home[Symbol.asyncDispose]()
})

test("every place of the layout is in the data folder", () => {
  const { home: folder, ...places } = layoutOf("/data")
  expect(folder).toBe("/data")
  for (const place of Object.values(places)) expect(place.startsWith("/data/")).toBe(true)
})

describe("resolveInside", () => {
  test("a root below a file is no root yet, not a fault of ours", () => {
    writeFileSync(join(root, "file"), "")
    expect(resolveInside(join(root, "file", "below"), "a")).toBe(join(root, "file", "below", "a"))
  })

  test.each(["a", "sha256-00", "a/b/c.json", "...a", "é", "a b", "-", "~", "console", "nullable.txt"])(
    "%j stays below the root",
    (name) => {
      expect(resolveInside(root, name)).toBe(join(root, name))
    },
  )

  test.each([
    "",
    ".",
    "..",
    "../x",
    "a/../../x",
    "a/./b",
    "/etc/passwd",
    "a//b",
    "a/",
    "\\\\server\\share",
    "..\\x",
    "C:\\x",
    "C:x",
    "a:stream",
    "a\0b",
    "a\nb",
    "CON",
    "con.txt",
    "sub/NUL",
    "COM1",
    "lpt9.log",
    "a.",
    "a ",
    "\ud800",
  ])("%j is refused", (name) => {
    expect(() => resolveInside(root, name)).toThrow(AppError)
    expect(() => resolveInside(root, name)).toThrow(expect.objectContaining({ code: "bad-request" }))
  })

  test("a part of 255 bytes is accepted, one of 256 is not", () => {
    expect(resolveInside(root, "a".repeat(255))).toContain("aaa")
    expect(() => resolveInside(root, "a".repeat(256))).toThrow(/longer than 255/)
    expect(() => resolveInside(root, "é".repeat(128))).toThrow(/longer than 255/)
  })

  test("a link that leads out is refused, also as a folder on the way, also when its target is missing", () => {
    symlinkSync("/etc", join(root, "out"))
    symlinkSync("/nonexistent/x", join(root, "dangling"))
    expect(() => resolveInside(root, "out")).toThrow(/leads out/)
    expect(() => resolveInside(root, "out/passwd")).toThrow(/leads out/)
    expect(() => resolveInside(root, "out/new/file")).toThrow(/leads out/)
    expect(() => resolveInside(root, "dangling")).toThrow(/link to nothing/)
    expect(() => resolveInside(root, "dangling/x")).toThrow(/link to nothing/)
    symlinkSync("circle", join(root, "circle"))
    expect(() => resolveInside(root, "circle/x")).toThrow(/in a circle/)
  })

  test("a link that stays inside is fine", () => {
    mkdirSync(join(root, "real"))
    writeFileSync(join(root, "real", "file"), "")
    symlinkSync("real", join(root, "alias"))
    expect(resolveInside(root, "alias/file")).toBe(join(root, "alias/file"))
  })

  test("a root behind a link is fine", () => {
    const alias = join(home.paths.home, "alias")
    symlinkSync(root, alias)
    expect(resolveInside(alias, "x")).toBe(join(alias, "x"))
  })

  test("whatever the name, the result is below the root", () => {
    const piece = fc.oneof(
      fc.constantFrom("..", ".", "", "/", "\\", "a", "b", "\0", "CON", "%2e%2e", "~", "C:"),
      fc.string({ unit: "binary", maxLength: 8 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.constantFrom("", "/"), (pieces, glue) => {
        try {
          const path = resolveInside(root, pieces.join(glue))
          expect(path.startsWith(root + sep)).toBe(true)
          expect(realpathSync(root) + path.slice(root.length)).toContain(realpathSync(root))
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
        }
      }),
    )
  })
})
