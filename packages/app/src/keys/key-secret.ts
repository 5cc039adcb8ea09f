// How a key looks, and what is kept of it.
import { createHash, randomBytes } from "node:crypto"
import { KEY_LIMITS } from "@fireside/protocol"

const MARK = "fs-"
/** Characters that are shown in listings: the mark and four of the 43. */
const PREFIX_LENGTH = MARK.length + 4

/** `fs-` and 32 random bytes. */
export function createSecret(): string {
  return `${MARK}${randomBytes(KEY_LIMITS.secretBytes).toString("base64url")}`
}

/** The form that our keys have. */
export function looksLikeKey(text: string): boolean {
  return /^fs-[A-Za-z0-9_-]{43}$/.test(text)
}

export const prefixOf = (secret: string): string => secret.slice(0, PREFIX_LENGTH)

/**
 * One round of sha256, hex: slow hashes protect what people choose. Of 256 random bits nobody finds one by trying, and looking up by the hash
 * tells an attacker nothing by its time.
 */
export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex")
