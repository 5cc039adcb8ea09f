// A Linux machine, read from /proc and /sys directly: some milliseconds, no process started.
import { availableParallelism, cpus } from "node:os"
import type { HardwareFacts } from "@fireside/protocol"
import { readCgroups } from "./cgroup.ts"
import { relevantFeatures } from "./cpu-features.ts"
import { parseCpuList } from "./cpu-list.ts"
import type { FileView } from "./file-view.ts"

export type MachineFacts = Omit<
  HardwareFacts,
  "diskFreeBytes" | "diskTotalBytes" | "devices" | "platform" | "arch"
>

const KIB = 1_024

export function readLinux(files: FileView): MachineFacts {
  const cgroups = readCgroups(files)
  const memory = files.text("/proc/meminfo") ?? ""
  const totalMemoryBytes = kilobytesIn(memory, "MemTotal") ?? 0
  const memoryAvailable = kilobytesIn(memory, "MemAvailable") ?? kilobytesIn(memory, "MemFree") ?? 0
  const memoryLimitBytes = Math.min(totalMemoryBytes, cgroups.memoryLimitBytes ?? totalMemoryBytes)
  const processor = files.text("/proc/cpuinfo") ?? ""
  const cores = readCores(files)
  return {
    cpuModel: cpuModel(processor, files),
    cpuFeatures: [
      ...relevantFeatures((lineOf(processor, "flags") ?? lineOf(processor, "Features") ?? "").split(/\s+/)),
    ],
    usableCpus: [...usableCpus(cores, cgroups.cpuQuota)],
    physicalCores: Math.max(1, new Set(cores.map((core) => core.core)).size),
    totalMemoryBytes,
    availableMemoryBytes: Math.min(memoryAvailable, cgroups.memoryRoomBytes ?? memoryAvailable),
    memoryLimitBytes,
    onBattery: onBattery(files),
  }
}

interface LogicalCpu {
  readonly cpu: number
  /** The same for the threads of one core. */
  readonly core: string
}

/** The processors that this process may run on, by affinity and cpuset (`Cpus_allowed_list` has both). */
function readCores(files: FileView): readonly LogicalCpu[] {
  const status = files.text("/proc/self/status") ?? ""
  const allowed = parseCpuList(lineOf(status, "Cpus_allowed_list") ?? "")
  const numbers = allowed ?? Array.from({ length: availableParallelism() }, (_, index) => index)
  return numbers.map((cpu) => {
    const siblings = files.text(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`)
    // Without topology each logical processor counts as a core of its own.
    return { cpu, core: siblings?.trim() || `cpu${cpu}` }
  })
}

/**
 * Of the allowed processors as many as the quota pays for, never more: threads that wait for each other stand still together when one is
 * throttled. Threads of different cores come before second threads of the same core.
 */
function usableCpus(cores: readonly LogicalCpu[], quota: number | undefined): readonly number[] {
  const count = Math.max(1, Math.min(cores.length, Math.floor(quota ?? cores.length)))
  if (count === cores.length) return cores.map(({ cpu }) => cpu)
  const seen = new Set<string>()
  const first: number[] = []
  const second: number[] = []
  for (const { cpu, core } of cores) {
    if (seen.has(core)) second.push(cpu)
    else first.push(cpu)
    seen.add(core)
  }
  return [...first, ...second].slice(0, count).sort((left, right) => left - right)
}

function cpuModel(processor: string, files: FileView): string {
  const named = lineOf(processor, "model name") ?? lineOf(processor, "Model")
  // ARM boards have no model name, but tell what board they are.
  const board = files.text("/proc/device-tree/model")?.replaceAll("\0", "").trim()
  return named || board || cpus()[0]?.model || "unknown"
}

/** False without a battery, null when the kernel does not tell. */
function onBattery(files: FileView): boolean | null {
  const folder = "/sys/class/power_supply"
  const supplies = files.names(folder)
  let hasBattery = false
  for (const name of supplies) {
    const read = (file: string): string => files.text(`${folder}/${name}/${file}`)?.trim() ?? ""
    // Mice and headsets report their batteries too, with this scope.
    if (read("scope") === "Device") continue
    const type = read("type")
    if ((type === "Mains" || type === "USB") && read("online") === "1") return false
    if (type !== "Battery") continue
    hasBattery = true
    if (read("status") === "Discharging") return true
  }
  if (hasBattery) return false
  // A machine without such a folder is a virtual one or one without power management.
  return supplies.length > 0 ? false : null
}

function lineOf(text: string, name: string): string | undefined {
  return new RegExp(`^${name}\\s*:\\s*(.*)$`, "m").exec(text)?.[1]?.trim()
}

function kilobytesIn(text: string, name: string): number | undefined {
  const value = /^(\d+) kB$/.exec(lineOf(text, name) ?? "")?.[1]
  return value === undefined ? undefined : Number(value) * KIB
}
