// `run/server.json`: where the running server is, for the terminal. Only the owner can read it, so it also holds the token that makes a caller
// the owner.
import { randomBytes } from "node:crypto"
import { readFile, unlink } from "node:fs/promises"
import { join } from "node:path"
import { type Paths, writeDurably } from "@fireside/host"
import { z } from "@fireside/protocol"

const ServerFile = z.object({
  url: z.string(),
  pid: z.int().min(1),
  startedAt: z.string(),
  /** Of this run of the server. */
  token: z.string(),
  version: z.string(),
  /** Of a server with a self-signed certificate: what to trust. */
  certificatePem: z.string().optional(),
})
export type ServerFile = z.infer<typeof ServerFile>

const fileOf = (paths: Pick<Paths, "run">): string => join(paths.run, "server.json")

export const createToken = (): string => randomBytes(32).toString("base64url")

export async function writeServerFile(paths: Pick<Paths, "run">, file: ServerFile): Promise<void> {
  await writeDurably(fileOf(paths), `${JSON.stringify(file)}\n`)
}

/** Undefined when there is none, it is damaged, or its process has ended. */
export async function readServerFile(paths: Pick<Paths, "run">): Promise<ServerFile | undefined> {
  const text = await readFile(fileOf(paths), "utf8").catch(() => undefined)
  if (text === undefined) return undefined
  const parsed = parse(text)
  return parsed !== undefined && isAlive(parsed.pid) ? parsed : undefined
}

export async function removeServerFile(paths: Pick<Paths, "run">): Promise<void> {
  await unlink(fileOf(paths)).catch(() => {})
}

function parse(text: string): ServerFile | undefined {
  try {
    return ServerFile.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
