// Memory of another process of ours, as the system counts it.
//
// Of the process and its descendants: a sandbox stands between it and what computes, so that its number may be the sandbox's. Null where
// the system does not tell, or the process is gone.
import { readFile } from "node:fs/promises"

export interface ProcessMemory {
  /** Pages in memory, with those it shares. */
  readonly residentBytes: number | null
  /** Each shared page divided by the number of processes that share it. */
  readonly proportionalBytes: number | null
}

/** Exact: the system looks at each page for it. */
export async function processMemory(pid: number): Promise<ProcessMemory> {
  const text = await readText(`/proc/${pid}/smaps_rollup`)
  const below = await belowOf(pid, processMemory)
  return {
    residentBytes: sum(
      bytesOf(text, "Rss"),
      below.map(({ residentBytes }) => residentBytes),
    ),
    proportionalBytes: sum(
      bytesOf(text, "Pss"),
      below.map(({ proportionalBytes }) => proportionalBytes),
    ),
  }
}

/** Pages in memory, with those it shares, from the counters that the system keeps anyway: for what is asked again and again. */
export async function residentMemory(pid: number): Promise<number | null> {
  const text = await readText(`/proc/${pid}/status`)
  return sum(bytesOf(text, "VmRSS"), await belowOf(pid, residentMemory))
}

async function belowOf<T>(pid: number, read: (pid: number) => Promise<T>): Promise<readonly T[]> {
  const children = (await readText(`/proc/${pid}/task/${pid}/children`)).match(/\d+/g) ?? []
  return Promise.all(children.map((child) => read(Number(child))))
}

const sum = (own: number | null, below: readonly (number | null)[]): number | null =>
  own === null ? null : below.reduce<number>((total, bytes) => total + (bytes ?? 0), own)

function bytesOf(text: string, name: string): number | null {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]
  return kibibytes === undefined ? null : Number(kibibytes) * 1_024
}

/** Empty where there is none. */
const readText = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "")
