// Opens a file of the local disk as a byte source. The only file of this package that needs Node; it is loaded
// only when the function is called, so the package stays usable in a browser.

import { fileSource } from "./byte-source.ts"
import { type ByteSource, GgufError } from "./gguf-file.ts"

export interface OpenFileOptions {
  /** `true` follows a symbolic link as the last part of the path, as other programs' stores need. Defaults to false. */
  readonly followLinks?: boolean
}

/**
 * Opens a regular file for reading; hold the result with `await using`.
 *
 * @throws GgufError `symbolic-link`, `not-a-regular-file` (folder, pipe, device) or `empty-file`; the system's own
 *   error where the file is missing or may not be read.
 */
export async function openFileSource(
  path: string,
  { followLinks = false }: OpenFileOptions = {},
): Promise<ByteSource & AsyncDisposable> {
  const { constants, lstat, open } = await import("node:fs/promises")
  // O_NONBLOCK: opening a pipe without a writer must not wait for one. Windows has neither flag.
  const flags =
    constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (followLinks ? 0 : (constants.O_NOFOLLOW ?? 0))
  if (!followLinks && constants.O_NOFOLLOW === undefined && (await lstat(path)).isSymbolicLink()) {
    throw symbolicLink(path)
  }
  const handle = await open(path, flags).catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined
    if (code === "ELOOP" || code === "EMLINK") {
      throw symbolicLink(path)
    }
    if (code === "ENXIO" || code === "EISDIR") {
      throw new GgufError("not-a-regular-file", 0, `${path} is not a regular file`)
    }
    throw cause
  })
  try {
    const facts = await handle.stat()
    if (!facts.isFile()) throw new GgufError("not-a-regular-file", 0, `${path} is not a regular file`)
    if (facts.size === 0) throw new GgufError("empty-file", 0, `${path} is empty`)
    const source = fileSource(handle, facts.size)
    return { ...source, [Symbol.asyncDispose]: () => handle.close() }
  } catch (cause) {
    await handle.close()
    throw cause
  }
}

function symbolicLink(path: string): GgufError {
  return new GgufError("symbolic-link", 0, `${path} is a symbolic link; give the file that it points to`)
}
