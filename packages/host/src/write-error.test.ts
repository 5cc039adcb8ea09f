import { AppError } from "@fireside/protocol"
import { expect, test } from "vitest"
import { systemCode, toWriteError } from "./write-error.ts"

test.each([
  ["ENOSPC", "disk-full"],
  ["EDQUOT", "disk-full"],
  ["EACCES", "cannot-write"],
  ["EPERM", "cannot-write"],
  ["EROFS", "cannot-write"],
  ["ENOTDIR", "cannot-write"],
  ["ENAMETOOLONG", "cannot-write"],
  ["EIO", "cannot-write"],
])("%s becomes %s, with a way out and its cause", (code, expected) => {
  const error = Object.assign(new Error(`${code}: broken`), { code })
  const shown = toWriteError({ error, path: "/data/x", neededBytes: 5, freeBytes: 3 })
  expect(shown).toMatchObject({
    code: expected,
    cause: error,
    details: { path: "/data/x", systemCode: code, neededBytes: 5, freeBytes: 3 },
  })
  expect(shown.hint).toBeTruthy()
})

test("an error for the user passes unchanged", () => {
  const error = new AppError("held", { message: "x" })
  expect(toWriteError({ error, path: "/x" })).toBe(error)
})

test("systemCode is undefined for what is not the system's", () => {
  expect(systemCode("ENOENT")).toBeUndefined()
  expect(systemCode(new Error("x"))).toBeUndefined()
  expect(systemCode(Object.assign(new Error("x"), { code: 5 }))).toBeUndefined()
})
