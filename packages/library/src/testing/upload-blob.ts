// Blobs as a client uploads them: piece by piece.
import { createHash } from "node:crypto"
import type { Library } from "../library.ts"
import { never } from "./test-library.ts"

export async function* pieces(bytes: Uint8Array, sizeBytes = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes)
}

/** Under its own digest, unless another is given. */
export function uploadBlob(
  library: Library,
  bytes: Uint8Array,
  digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
): Promise<void> {
  return library.putBlob(digest, pieces(bytes), never)
}
