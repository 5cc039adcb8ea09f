// What of Fireside's lies where, with sizes. Looks and changes nothing.
import { lstat, readdir } from "node:fs/promises"
import { join, relative, sep } from "node:path"
import { isAbsent } from "@fireside/host"
import type { StorageKind, StorageReport } from "@fireside/protocol"
import type { Parts } from "../parts.ts"

export async function reportStorage(
  parts: Pick<Parts, "paths" | "hardware" | "hasDatabase" | "database">,
): Promise<StorageReport> {
  const { home } = parts.paths
  const [files, { diskFreeBytes }, database] = await Promise.all([
    filesOf(home),
    parts.hardware(),
    countRows(parts),
  ])
  const places = new Map<StorageKind, StorageReport["places"][number]>()
  for (const { path, bytes } of files) {
    const { kind, place } = placeOf(relative(home, path).split(sep))
    const sum = places.get(kind) ?? { kind, path: join(home, place), files: 0, bytes: 0 }
    places.set(kind, { ...sum, files: sum.files + 1, bytes: sum.bytes + bytes })
  }
  return {
    home,
    totalBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    diskFreeBytes,
    places: [...places.values()].sort((one, other) => other.bytes - one.bytes),
    database,
  }
}

/** By where a path begins in the data folder; the first that fits. */
const PLACES: readonly { readonly kind: StorageKind; readonly place: string }[] = [
  { kind: "downloads", place: "models/downloads" },
  { kind: "models", place: "models" },
  { kind: "adapters", place: "adapters" },
  { kind: "database", place: "fireside.db" },
  { kind: "saved-chats", place: "chats" },
  { kind: "terminal-history", place: "history" },
  { kind: "prefixes", place: "cache/kv" },
  { kind: "logs", place: "logs" },
  { kind: "backups", place: "backups" },
  { kind: "settings", place: "config.json" },
  { kind: "certificates", place: "tls" },
]

function placeOf(parts: readonly string[]): { readonly kind: StorageKind; readonly place: string } {
  const [first = ""] = parts
  // Its log and its index lie beside it.
  if (/^fireside\.db(?:-wal|-shm)?$/.test(first)) return { kind: "database", place: "fireside.db" }
  const found = PLACES.find(({ place }) => place.split("/").every((part, at) => parts[at] === part))
  return found ?? { kind: "other", place: "" }
}

/** Links are not followed: what they lead to is not ours. What goes away meanwhile is left out. */
async function filesOf(
  folder: string,
): Promise<readonly { readonly path: string; readonly bytes: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (isAbsent(error)) return []
    throw error
  })
  const files: { path: string; bytes: number }[] = []
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const facts = await lstat(path).catch(() => undefined)
    if (facts !== undefined) files.push({ path, bytes: facts.size })
  }
  return files
}

const COUNTS = `SELECT
  (SELECT count(*) FROM conversation) AS conversations,
  (SELECT count(*) FROM message) AS messages,
  (SELECT count(*) FROM response) AS responses,
  (SELECT count(*) FROM prompt) AS prompts,
  (SELECT count(*) FROM api_key WHERE revoked_at IS NULL) AS keys,
  (SELECT count(*) FROM ledger) AS ledgerEntries`

const NOTHING: StorageReport["database"] = {
  conversations: 0,
  messages: 0,
  responses: 0,
  prompts: 0,
  keys: 0,
  ledgerEntries: 0,
}

async function countRows(parts: Pick<Parts, "hasDatabase" | "database">): Promise<StorageReport["database"]> {
  // Opening the database makes it: a look at what cannot be there does not.
  if (!(await parts.hasDatabase())) return NOTHING
  return (await parts.database()).get<StorageReport["database"]>(COUNTS) ?? NOTHING
}
