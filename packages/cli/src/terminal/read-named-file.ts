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
      message: code === "ENOENT" ? `There is no file ${path}.` : `${path} cannot be read (${code}).`,
      hint,
      cause,
    })
  }
}
