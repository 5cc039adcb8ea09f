// Memory of another process of ours, as the system counts it.
import { readFile } from "node:fs/promises"

export interface ProcessMemory {
  /** Pages in memory, with those it shares. */
  readonly residentBytes: number | null
  /** Each shared page divided by the number of processes that share it. */
  readonly proportionalBytes: number | null
}

/**
 * Of the process and its descendants: a sandbox stands between it and what computes, so that its number may be the sandbox's. Null where
 * the system does not tell, or the process is gone.
 */
export async function processMemory(pid: number): Promise<ProcessMemory> {
  const text = await readText(`/proc/${pid}/smaps_rollup`)
  const children = (await readText(`/proc/${pid}/task/${pid}/children`)).match(/\d+/g) ?? []
  const below = await Promise.all(children.map((child) => processMemory(Number(child))))
  const sum = (own: number | null, name: keyof ProcessMemory): number | null =>
    own === null ? null : below.reduce((total, memory) => total + (memory[name] ?? 0), own)
  return {
    residentBytes: sum(bytesOf(text, "Rss"), "residentBytes"),
    proportionalBytes: sum(bytesOf(text, "Pss"), "proportionalBytes"),
  }
}

function bytesOf(text: string, name: string): number | null {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]
  return kibibytes === undefined ? null : Number(kibibytes) * 1_024
}

/** Empty where there is none. */
const readText = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "")
