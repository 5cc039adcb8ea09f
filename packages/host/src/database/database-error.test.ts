import { AppError } from "@fireside/protocol"
import { expect, test } from "vitest"
import { toDatabaseError } from "./database-error.ts"

test.each([
  ["SQLITE_BUSY", "held"],
  ["SQLITE_BUSY_SNAPSHOT", "held"],
  ["SQLITE_LOCKED", "held"],
  ["SQLITE_FULL", "disk-full"],
  ["SQLITE_READONLY_DBMOVED", "cannot-write"],
  ["SQLITE_CANTOPEN", "cannot-write"],
  ["SQLITE_IOERR_FSYNC", "cannot-write"],
  ["SQLITE_CORRUPT_INDEX", "corrupt-data"],
  ["SQLITE_NOTADB", "corrupt-data"],
])("%s becomes %s", (code, expected) => {
  const error = Object.assign(new Error("x"), { code })
  expect(toDatabaseError(error, "/d")).toMatchObject({
    code: expected,
    cause: error,
    details: { path: "/d" },
  })
})

test("mistakes of ours and errors for users pass unchanged", () => {
  const constraint = Object.assign(new Error("x"), { code: "SQLITE_CONSTRAINT_UNIQUE" })
  const shown = new AppError("held", { message: "x" })
  for (const error of [constraint, shown, new Error("y"), "z"])
    expect(toDatabaseError(error, "/d")).toBe(error)
})
