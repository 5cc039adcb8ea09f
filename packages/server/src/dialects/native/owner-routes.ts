// What concerns the machine and its owner: the lock and the ledger, keys, settings, hardware.
import {
  AppError,
  CallerFacts,
  CreatedKey,
  DoctorReport,
  HardwareFacts,
  HTTP_LIMITS,
  KeySummary,
  LedgerEntry,
  Lock,
  LockChange,
  NATIVE_PATH,
  NewKey,
  PrivacyStatus,
  Setting,
  z,
} from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { readFields } from "../read-fields.ts"

const owned = { dialect: "native", access: "admin" } as const

export const ownerRoutes: readonly Route[] = [
  {
    method: "GET",
    path: `${NATIVE_PATH}/caller`,
    dialect: "native",
    access: "any",
    summary: "Who the server takes you for, and what you may do.",
    response: CallerFacts,
    async handle({ caller }) {
      return { type: "json", body: { owner: caller.owner, scopes: caller.scopes } }
    },
  },
  {
    ...owned,
    method: "GET",
    path: `${NATIVE_PATH}/machine`,
    summary: "The hardware of the server's machine.",
    response: HardwareFacts,
    async handle({ app }) {
      return { type: "json", body: await app.machine() }
    },
  },
  {
    ...owned,
    method: "GET",
    path: `${NATIVE_PATH}/doctor`,
    summary: "Examine the machine and the installation.",
    response: DoctorReport,
    async handle({ app, signal }) {
      return { type: "json", body: await app.doctor(signal) }
    },
  },
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
    method: "GET",
    path: `${NATIVE_PATH}/keys`,
    summary: "List keys, newest first; never the secrets.",
    response: z.array(KeySummary),
    async handle({ app }) {
      return { type: "json", body: await app.keys.list() }
    },
  },
  {
    ...owned,
    method: "POST",
    path: `${NATIVE_PATH}/keys`,
    summary: "Make a key. It is shown this once.",
    body: { type: "json", schema: NewKey, limitBytes: HTTP_LIMITS.smallBodyBytes },
    response: CreatedKey,
    async handle({ app, body }) {
      const created = await app.keys.create(readFields(NewKey, body).value)
      return { type: "json", status: 201, body: created, headers: { "cache-control": "no-store" } }
    },
  },
  {
    ...owned,
    method: "DELETE",
    path: `${NATIVE_PATH}/keys/:id`,
    summary: "Revoke a key, by id or name.",
    response: KeySummary,
    async handle({ app, params }) {
      return { type: "json", body: await app.keys.revoke(params.id ?? "") }
    },
  },
  {
    ...owned,
    method: "GET",
    path: `${NATIVE_PATH}/settings`,
    summary: "Every setting, its value and where it comes from.",
    response: z.array(Setting),
    async handle({ app }) {
      return { type: "json", body: await app.settings.list() }
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
