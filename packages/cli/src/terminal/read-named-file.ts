// A text file that the user named.
import { readFile } from "node:fs/promises"
import { AppError } from "@fireside/protocol"

/** Throws `bad-request` with `hint` when it cannot be read. */
export async function readNamedFile(path: string, hint: string): Promise<string> {
  try {
    return await readFile(path, "utf8")
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new AppError("bad-request", {
      message: describeUnreadable(path, code),
      hint,
      cause,
    })
  }
}

/** Why a file that the user named cannot be read, from the system's code. */
export function describeUnreadable(path: string, code: string | undefined): string {
  if (code === "ENOENT") return `There is no file ${path}.`
  return code === "EISDIR" ? `${path} is a folder, not a file.` : `${path} cannot be read (${code}).`
}
