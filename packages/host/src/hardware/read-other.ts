// macOS and Windows, through systeminformation: it starts the system's own tools and takes some hundred milliseconds.
import { availableParallelism, totalmem } from "node:os"
import { relevantFeatures } from "./cpu-features.ts"
import type { MachineFacts } from "./read-linux.ts"

/** The part of systeminformation that is used; passed in by tests. */
export interface SystemInformation {
  cpu(): Promise<{ readonly brand: string; readonly manufacturer: string; readonly physicalCores: number }>
  cpuFlags(): Promise<string>
  mem(): Promise<{ readonly total: number; readonly available: number }>
  battery(): Promise<{ readonly hasBattery: boolean; readonly acConnected: boolean }>
}

export async function readOther(system: SystemInformation, arch: string): Promise<MachineFacts> {
  const [cpu, flags, memory, battery] = await Promise.all([
    system.cpu(),
    system.cpuFlags(),
    system.mem(),
    system.battery().catch(() => undefined),
  ])
  const total = memory.total || totalmem()
  const features = relevantFeatures(flags.split(/\s+/))
  return {
    cpuModel: `${cpu.manufacturer} ${cpu.brand}`.trim() || "unknown",
    // Every 64-bit ARM processor of these systems has it; macOS does not list it.
    cpuFeatures: arch === "arm64" && !features.includes("neon") ? [...features, "neon"] : [...features],
    usableCpus: Array.from({ length: availableParallelism() }, (_, index) => index),
    physicalCores: Math.max(1, cpu.physicalCores || availableParallelism()),
    totalMemoryBytes: total,
    availableMemoryBytes: Math.min(memory.available, total),
    memoryLimitBytes: total,
    onBattery: battery === undefined ? null : battery.hasBattery ? !battery.acConnected : false,
  }
}
