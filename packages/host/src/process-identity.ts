// Which process a number meant: numbers are given again after a process ends, its start time is not.
import { readFileSync } from "node:fs"

/**
 * A text that no other process with the same number ever has: boot and start time. Undefined when there is no such process.
 * Where the system does not tell a start time (macOS, Windows) it is `unknown`, and only the number can be compared.
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === "linux") {
    const stat = readText(`/proc/${pid}/stat`)
    if (stat === undefined) return undefined
    // The second field is the program's name in brackets and may hold spaces; the 20th after it is the start in ticks.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    // A zombie has ended; it only waits to be counted.
    if (fields[0] === "Z" || fields[0] === "X") return undefined
    return `${readText("/proc/sys/kernel/random/boot_id")?.trim()}:${fields[19]}`
  }
  try {
    process.kill(pid, 0)
    return "unknown"
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM" ? "unknown" : undefined
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8")
  } catch {
    // No such process, or hidden from us.
    return undefined
  }
}
