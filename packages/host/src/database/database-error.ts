// What SQLite says when it fails → what the user is told.
import { AppError } from "@fireside/protocol"
import { systemCode } from "../write-error.ts"

/** The user's error for a failure of SQLite; anything else passes unchanged. */
export function toDatabaseError(error: unknown, path: string): unknown {
  if (error instanceof AppError) return error
  const code = systemCode(error)
  if (code === undefined || !code.startsWith("SQLITE_")) return error
  const details = { path, systemCode: code }
  const kind = code.split("_").slice(0, 2).join("_")
  switch (kind) {
    case "SQLITE_BUSY":
    case "SQLITE_LOCKED":
      return new AppError("held", {
        message: `Another process is writing to ${path} and did not finish in time.`,
        hint: "Try again; `fireside ps` names the processes.",
        details,
        cause: error,
      })
    case "SQLITE_FULL":
      return new AppError("disk-full", {
        message: `The disk has no room left for ${path}.`,
        hint: "Free some space, then do the same again.",
        details,
        cause: error,
      })
    case "SQLITE_READONLY":
    case "SQLITE_CANTOPEN":
    case "SQLITE_IOERR":
    case "SQLITE_PERM":
      return new AppError("cannot-write", {
        message: `${path} cannot be written: ${describe(error)}.`,
        hint: "Check the rights and the disk, or choose another folder with FIRESIDE_HOME.",
        details,
        cause: error,
      })
    case "SQLITE_CORRUPT":
    case "SQLITE_NOTADB":
      return new AppError("corrupt-data", {
        message: `${path} is damaged: ${describe(error)}.`,
        hint: "Move it away and put the newest file of the folder `backups` in its place.",
        details,
        cause: error,
      })
    default:
      return error
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
