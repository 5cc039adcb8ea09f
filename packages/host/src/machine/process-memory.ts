// Memory of another process of ours, as the system counts it.
import { readFile } from "node:fs/promises"

export interface ProcessMemory {
  /** Pages in memory, with those it shares. */
  readonly residentBytes: number | null
  /** Each shared page divided by the number of processes that share it. */
  readonly proportionalBytes: number | null
}

/** Null where the system does not tell, or the process is gone. */
export async function processMemory(pid: number): Promise<ProcessMemory> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "")
  const bytes = (name: string): number | null => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]
    return kibibytes === undefined ? null : Number(kibibytes) * 1_024
  }
  return { residentBytes: bytes("Rss"), proportionalBytes: bytes("Pss") }
}
