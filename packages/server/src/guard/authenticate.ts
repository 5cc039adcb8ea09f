// Who asks: the one place where a credential becomes a caller, whichever header carries it.
import { timingSafeEqual } from "node:crypto"
import { type Keys, looksLikeKey } from "@fireside/app"
import { AppError } from "@fireside/protocol"
import { type Caller, OWNER } from "../caller.ts"
import type { WrongKeys } from "./wrong-keys.ts"

export interface CredentialHeaders {
  readonly authorization?: string | undefined
  readonly "x-api-key"?: string | undefined
  readonly cookie?: string | undefined
}

export interface Authentication {
  readonly keys: Pick<Keys, "authenticate" | "any">
  /** The server's own, for the terminal on this machine. */
  readonly token: string
  /** Loopback bind, and the owner does not demand a key: who brings none is the owner. */
  readonly isOpen: boolean
  readonly wrongKeys: WrongKeys
}

const KEY_COOKIE = "fireside-key"

/** Throws `unauthorised`, and `rate-limited` for an address that guesses. */
export async function authenticate(
  headers: CredentialHeaders,
  address: string,
  { keys, token, isOpen, wrongKeys }: Authentication,
): Promise<Caller> {
  const credentials = credentialsOf(headers)
  const [credential] = credentials
  if (credential === undefined) {
    if (isOpen) return OWNER
    throw new AppError("unauthorised", {
      message: "This server needs a key.",
      hint: "Send it as `Authorization: Bearer KEY` or `x-api-key: KEY`; make one with: fireside key create --name NAME",
    })
  }
  // Before the check: who guesses on this machine must not keep its owner from stopping the server.
  if (credentials.length === 1 && isSame(credential, token)) return OWNER
  wrongKeys.check(address)
  if (credentials.length > 1) {
    wrongKeys.count(address, credentials.join(" "))
    throw new AppError("unauthorised", {
      message: "The request carries two different keys.",
      hint: "Send one.",
    })
  }
  const key = await keys.authenticate(credential)
  if (key !== undefined) return { owner: key.id, scopes: key.scopes, key }
  // Many programs insist on some key and send a made-up one. While the owner has made none, there is nothing it could be meant for.
  if (isOpen && !looksLikeKey(credential) && !(await keys.any())) return OWNER
  wrongKeys.count(address, credential)
  throw new AppError("unauthorised", {
    message: "The key is not known here, or it was revoked.",
    hint: isOpen
      ? "From this computer no key is needed; leave it out, or see `fireside key list`."
      : "See `fireside key list`, or make one with: fireside key create --name NAME",
  })
}

/** Every different credential of the request. */
function credentialsOf(headers: CredentialHeaders): readonly string[] {
  const bearer = /^bearer +(.+)$/i.exec(headers.authorization ?? "")?.[1]?.trim()
  // Basic and other schemes are no keys; what they carry is still a credential that must be valid.
  const other =
    bearer === undefined && headers.authorization !== undefined ? headers.authorization : undefined
  const found = [bearer, other, headers["x-api-key"]?.trim(), cookieOf(headers.cookie)]
  return [...new Set(found.filter((it) => it !== undefined && it !== ""))] as string[]
}

function cookieOf(cookie: string | undefined): string | undefined {
  for (const pair of (cookie ?? "").split(";")) {
    const [name, value] = pair.split("=", 2)
    if (name?.trim() === KEY_COOKIE) return value?.trim()
  }
  return undefined
}

function isSame(given: string, wanted: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(wanted)]
  return left.length === right.length && timingSafeEqual(left, right)
}
