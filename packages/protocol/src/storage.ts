// What lies where on this machine, and taking one's own away.
import { z } from "zod"

export const StorageKind = z.enum([
  "models",
  "downloads",
  "adapters",
  "database",
  "saved-chats",
  "terminal-history",
  "prefixes",
  "logs",
  "backups",
  "settings",
  "certificates",
  "other",
])
export type StorageKind = z.infer<typeof StorageKind>

export const StorageReport = z.object({
  /** The data folder: everything of Fireside's is in it. */
  home: z.string(),
  totalBytes: z.int().min(0),
  diskFreeBytes: z.int().min(0),
  /** Kinds of which there is nothing are left out. */
  places: z.array(
    z.object({
      kind: StorageKind,
      /** The folder or the file. */
      path: z.string(),
      files: z.int().min(0),
      bytes: z.int().min(0),
    }),
  ),
  /** What the database holds, of all owners. Keys are kept as hashes: none can be read back. */
  database: z.object({
    conversations: z.int().min(0),
    messages: z.int().min(0),
    responses: z.int().min(0),
    prompts: z.int().min(0),
    keys: z.int().min(0),
    ledgerEntries: z.int().min(0),
  }),
})
export type StorageReport = z.infer<typeof StorageReport>

export const EraseRequest = z.object({
  /** So that nobody erases by mistake. */
  confirm: z.literal("erase"),
  /** The models of the library too. Needs the scope `admin`. Defaults to false. */
  models: z.boolean().optional(),
})
export type EraseRequest = z.infer<typeof EraseRequest>

/** What went. The ledger, the keys and the settings stay. */
export const Erased = z.object({
  conversations: z.int().min(0),
  responses: z.int().min(0),
  prompts: z.int().min(0),
  models: z.int().min(0),
  freedModelBytes: z.int().min(0),
  /** Models that could not be removed, and why. */
  kept: z.array(z.object({ name: z.string(), message: z.string() })),
})
export type Erased = z.infer<typeof Erased>
