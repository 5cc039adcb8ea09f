// What may leave the machine, and what did: the lock, the hosts it lets through, the ledger. A key can close, and only the owner opens.
import {
  AllowedHost,
  AppError,
  HTTP_LIMITS,
  LedgerEntry,
  Lock,
  LockChange,
  NATIVE_PATH,
  PrivacyStatus,
  z,
} from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { readFields } from "../read-fields.ts"

const owned = { dialect: "native", access: "admin" } as const

export const privacyRoutes: readonly Route[] = [
  {
    ...owned,
    method: "GET",
    path: `${NATIVE_PATH}/privacy`,
    summary: "State of the lock, the sandbox and the ledger.",
    response: PrivacyStatus,
    async handle({ app }) {
      return { type: "json", body: await app.privacy.status() }
    },
  },
  {
    ...owned,
    method: "GET",
    path: `${NATIVE_PATH}/ledger`,
    summary: "Every connection that was ever made or refused.",
    response: z.array(LedgerEntry),
    async handle({ app }) {
      return { type: "json", body: await app.privacy.ledger() }
    },
  },
  {
    ...owned,
    method: "GET",
    path: `${NATIVE_PATH}/lock`,
    summary: "The privacy lock.",
    response: Lock,
    async handle(exchange) {
      return { type: "json", body: await readLock(exchange) }
    },
  },
  {
    ...owned,
    method: "PUT",
    path: `${NATIVE_PATH}/lock`,
    summary: "Set the privacy lock. A key can only close it.",
    body: { type: "json", schema: LockChange, limitBytes: HTTP_LIMITS.smallBodyBytes },
    response: Lock,
    handle: changeLock,
  },
  {
    ...owned,
    method: "POST",
    path: `${NATIVE_PATH}/allowed-hosts`,
    summary: "Let a host be reached while the lock is on `allow-list`. Not with a key.",
    body: { type: "json", schema: AllowedHost, limitBytes: HTTP_LIMITS.smallBodyBytes },
    response: Lock,
    handle: allowHost,
  },
  {
    ...owned,
    method: "DELETE",
    path: `${NATIVE_PATH}/allowed-hosts/:host`,
    summary: "Take a host from the list again.",
    response: Lock,
    async handle(exchange) {
      await exchange.app.privacy.disallowHost(exchange.params.host ?? "")
      return { type: "json", body: await readLock(exchange) }
    },
  },
]

async function readLock({ app }: Exchange): Promise<z.infer<typeof Lock>> {
  const [{ lock }, allowedHosts] = await Promise.all([app.privacy.status(), app.privacy.allowedHosts()])
  return { lock, allowedHosts: [...allowedHosts] }
}

async function changeLock(exchange: Exchange): Promise<Reply> {
  const { app, caller, body } = exchange
  const { lock } = readFields(LockChange, body).value
  if (lock !== "locked" && caller.key !== undefined)
    throw new AppError("forbidden", {
      message: "A key can close the privacy lock, but not open it.",
      hint: `Its owner does that on the machine itself: fireside privacy ${lock === "ask" ? "unlock" : "allow HOST"}`,
    })
  await app.privacy.setLock(lock)
  return { type: "json", body: await readLock(exchange) }
}

async function allowHost(exchange: Exchange): Promise<Reply> {
  const { app, caller, body } = exchange
  const { host } = readFields(AllowedHost, body).value
  if (caller.key !== undefined)
    throw new AppError("forbidden", {
      message: "A key cannot say which hosts may be reached.",
      hint: `The owner of the machine does that on the machine itself: fireside privacy allow ${host}`,
    })
  await app.privacy.allowHost(host)
  return { type: "json", body: await readLock(exchange) }
}
