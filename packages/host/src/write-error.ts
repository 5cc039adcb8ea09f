// One mapping from what the system says when a write fails to what the user is told.
import { AppError, type AppErrorOptions } from "@fireside/protocol"

export interface FailedWrite {
  readonly error: unknown
  readonly path: string
  /** How many bytes were to be written, when that is known. */
  readonly neededBytes?: number
  readonly freeBytes?: number
}

/** The system's code of an error: `ENOENT`, `EACCES`, …; undefined for other errors. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code } = error as NodeJS.ErrnoException
  return typeof code === "string" ? code : undefined
}

/** There is no such file, be it that a folder on the way to it is a file. */
export function isAbsent(error: unknown): boolean {
  return systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR"
}

/** `disk-full` or `cannot-write`, with the path and what to do. An `AppError` passes unchanged. */
export function toWriteError({ error, path, neededBytes, freeBytes }: FailedWrite): AppError {
  if (error instanceof AppError) return error
  const code = systemCode(error)
  const details = {
    path,
    ...(code === undefined ? {} : { systemCode: code }),
    ...(neededBytes === undefined ? {} : { neededBytes }),
    ...(freeBytes === undefined ? {} : { freeBytes }),
  }
  const options = (message: string, hint: string): AppErrorOptions => ({
    message,
    hint,
    details,
    cause: error,
  })
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new AppError(
        "disk-full",
        options(`The disk has no room left for ${path}.`, "Free some space, then do the same again."),
      )
    case "EACCES":
    case "EPERM":
      return new AppError(
        "cannot-write",
        options(
          `${path} may not be written by this user.`,
          `Give yourself the rights (chown, chmod) or choose another folder with FIRESIDE_HOME.`,
        ),
      )
    case "EROFS":
      return new AppError(
        "cannot-write",
        options(`${path} is on a read-only file system.`, "Choose another folder with FIRESIDE_HOME."),
      )
    case "ENOTDIR":
    case "EEXIST":
      return new AppError(
        "cannot-write",
        options(
          `${path} cannot be made: something that is not a folder is in its way.`,
          "Move it away, or choose another folder with FIRESIDE_HOME.",
        ),
      )
    case "ENAMETOOLONG":
      return new AppError(
        "cannot-write",
        options(
          "The path is longer than this file system allows.",
          "Choose a shorter folder with FIRESIDE_HOME.",
        ),
      )
    default: {
      const reason = error instanceof Error ? error.message : String(error)
      return new AppError(
        "cannot-write",
        options(`${path} was not saved: ${reason}`, "Check the disk, then do the same again."),
      )
    }
  }
}
