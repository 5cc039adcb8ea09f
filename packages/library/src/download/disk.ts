// Room on the disk: checked before a download, and told plainly when it runs out in the middle.
import { type DiskSpace, systemCode, toWriteError } from "@fireside/host"
import { AppError, DOWNLOAD_LIMITS } from "@fireside/protocol"

export type ReadDiskSpace = (folder: string) => Promise<DiskSpace>

export interface DiskRoom {
  readonly folder: string
  /** Bytes still to be written. */
  readonly neededBytes: number
  readonly what: string
  /** What to do when there is none. Defaults to what holds for downloads, which go on where they stopped. */
  readonly hint?: string
}

/** Throws `disk-full` when the bytes and the reserve do not both fit. */
export async function requireRoom(room: DiskRoom, diskSpace: ReadDiskSpace): Promise<void> {
  const space = await diskSpace(room.folder)
  // A share of a small disk, a fixed amount of a large one: a full disk breaks more than a download.
  const reserveBytes = Math.min(
    Math.ceil(space.totalBytes * DOWNLOAD_LIMITS.diskReserveRatio),
    DOWNLOAD_LIMITS.diskReserveBytes,
  )
  if (room.neededBytes + reserveBytes <= space.freeBytes) return
  throw new AppError("disk-full", {
    message: `${room.what} needs ${room.neededBytes} bytes, and ${reserveBytes} more must stay free, but ${room.folder} has ${space.freeBytes} bytes free.`,
    hint:
      room.hint ??
      `Free ${room.neededBytes + reserveBytes - space.freeBytes} bytes and give the same command again; what was downloaded is kept.`,
    details: { neededBytes: room.neededBytes, freeBytes: space.freeBytes, reserveBytes, path: room.folder },
  })
}

/** What a failed write means to the user; errors that are not of the file system pass unchanged. */
export async function explainWriteError(
  error: unknown,
  room: DiskRoom,
  diskSpace: ReadDiskSpace,
): Promise<unknown> {
  const full = error instanceof AppError ? error.code === "disk-full" : isFull(error)
  if (
    full &&
    !(error instanceof AppError && "neededBytes" in error.details && "reserveBytes" in error.details)
  ) {
    // The figures only make the message better: where they cannot be had, the disk is full all the same.
    const freeBytes = await diskSpace(room.folder).then(
      (space) => space.freeBytes,
      () => 0,
    )
    return new AppError("disk-full", {
      message: `The disk is full: ${room.what} needs ${room.neededBytes} more bytes, and ${room.folder} has ${freeBytes} bytes free.`,
      hint: room.hint ?? "Free some room and give the same command again; what was downloaded is kept.",
      details: { neededBytes: room.neededBytes, freeBytes, path: room.folder },
      cause: error,
    })
  }
  if (error instanceof AppError || !isFileSystemError(error)) return error
  return toWriteError({ error, path: room.folder, neededBytes: room.neededBytes })
}

function isFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes(systemCode(error) ?? "")
}

function isFileSystemError(error: unknown): boolean {
  const codes = ["EACCES", "EPERM", "EROFS", "EIO", "ELOOP", "EISDIR", "ENOTDIR", "ENOENT", "ENAMETOOLONG"]
  return codes.includes(systemCode(error) ?? "")
}
