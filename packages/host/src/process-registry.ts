// Which processes of ours do what, for `ps` and `stop`: one file in `run/` for each. An entry whose process has ended is not believed.
import { randomUUID } from "node:crypto"
import { readdir, readFile, unlink } from "node:fs/promises"
import { join } from "node:path"
import { AppError } from "@fireside/protocol"
import { writeDurably } from "./durable-file.ts"
import type { Paths } from "./paths.ts"
import { processIdentity } from "./process-identity.ts"
import { isAbsent, systemCode } from "./write-error.ts"

export interface ProcessWork {
  /** `model`, `server`, `pull`, … */
  readonly what: string
  /** The model's name, the server's url, … */
  readonly name: string
  /** Plain JSON; never prompts or documents. */
  readonly details?: Readonly<Record<string, unknown>>
}

export interface ProcessEntry extends ProcessWork {
  /** Names the entry among those of the same process. */
  readonly id: string
  readonly pid: number
  readonly startedAt: string
  readonly details: Readonly<Record<string, unknown>>
}

export interface ProcessRegistration extends AsyncDisposable {
  readonly id: string
  /** Replaces the details. */
  update(details: Readonly<Record<string, unknown>>): Promise<void>
}

export interface ProcessRegistry {
  /** `pid` defaults to this process. Throws `cannot-write`. */
  register(work: ProcessWork, pid?: number): Promise<ProcessRegistration>
  /** Oldest first. Entries of processes that have ended are removed on the way. */
  list(): Promise<readonly ProcessEntry[]>
  /**
   * Sends a signal to the entry's process, if it is still the one that registered.
   * Throws `not-found` when it has ended, `refused-by-configuration` when it belongs to another user.
   */
  signal(id: string, signal: NodeJS.Signals): Promise<void>
}

interface StoredEntry extends ProcessEntry {
  readonly identity: string
}

const PREFIX = "process-"
/** An entry is some hundred bytes; whoever writes larger ones is not us. */
const LARGEST_ENTRY_BYTES = 64 * 1_024

export function createProcessRegistry(
  paths: Pick<Paths, "run">,
  identify = processIdentity,
): ProcessRegistry {
  const fileOf = (id: string): string => join(paths.run, `${PREFIX}${id}.json`)
  const write = (entry: StoredEntry): Promise<void> => writeDurably(fileOf(entry.id), JSON.stringify(entry))

  const read = async (name: string): Promise<StoredEntry | undefined> => {
    const path = join(paths.run, name)
    const entry = parseEntry(await readFile(path, "utf8").catch(() => ""))
    if (entry !== undefined && identify(entry.pid) === entry.identity) return entry
    await unlink(path).catch(() => {})
    return undefined
  }

  const list = async (): Promise<readonly StoredEntry[]> => {
    const names = (await namesIn(paths.run)).filter(
      (name) => name.startsWith(PREFIX) && name.endsWith(".json"),
    )
    const entries = await Promise.all(names.map(read))
    return entries
      .filter((entry) => entry !== undefined)
      .sort((left, right) => left.startedAt.localeCompare(right.startedAt))
  }

  return {
    async register({ what, name, details = {} }, pid = process.pid) {
      const id = randomUUID()
      const identity = identify(pid)
      if (identity === undefined) throw new Error(`process ${pid} has ended before it was registered`)
      const entry = { id, pid, identity, what, name, details, startedAt: new Date().toISOString() }
      await write(entry)
      return {
        id,
        update: (next) => write({ ...entry, details: next }),
        async [Symbol.asyncDispose]() {
          await unlink(fileOf(id)).catch(() => {})
        },
      }
    },
    async list() {
      return (await list()).map(({ identity: _, ...entry }) => entry)
    },
    async signal(id, signal) {
      const entry = (await list()).find((it) => it.id === id)
      if (entry === undefined)
        throw new AppError("not-found", {
          message: "The process has ended.",
          hint: "`fireside ps` lists those that run.",
        })
      try {
        process.kill(entry.pid, signal)
      } catch (error) {
        if (systemCode(error) === "ESRCH") return
        throw new AppError("refused-by-configuration", {
          message: `Process ${entry.pid} belongs to another user.`,
          hint: "Ask its owner, or end it as that user.",
          details: { pid: entry.pid },
          cause: error,
        })
      }
    },
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isAbsent(error)) return []
    throw error
  }
}

function parseEntry(text: string): StoredEntry | undefined {
  if (text.length > LARGEST_ENTRY_BYTES) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== "object" || value === null) return undefined
    const { id, pid, identity, what, name, details, startedAt } = value as Record<string, unknown>
    const areTexts = [id, identity, what, name, startedAt].every((field) => typeof field === "string")
    if (!areTexts || typeof pid !== "number" || typeof details !== "object" || details === null)
      return undefined
    // Every field was looked at above.
    return value as StoredEntry
  } catch {
    return undefined
  }
}
