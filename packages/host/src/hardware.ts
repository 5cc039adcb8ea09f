// What this machine is, as far as fitting a model to it needs.
import { availableParallelism, cpus, freemem, totalmem } from "node:os"
import type { HardwareFacts } from "@fireside/protocol"
import { diskSpace } from "./durable-file.ts"
import { type FileView, THIS_MACHINE } from "./hardware/file-view.ts"
import { type MachineFacts, readLinux } from "./hardware/read-linux.ts"
import { readOther } from "./hardware/read-other.ts"

export interface HardwareWorld {
  readonly platform?: NodeJS.Platform
  readonly arch?: string
  readonly files?: FileView
}

/**
 * Reads processors, memory, power and the disk that holds (or would hold) `path`. `devices` is empty: the engine adds what llama.cpp sees.
 * Limits of control groups are counted in. What a system does not tell is filled with what Node knows.
 */
export async function readHardware(
  path: string,
  { platform = process.platform, arch = process.arch, files = THIS_MACHINE }: HardwareWorld = {},
): Promise<HardwareFacts> {
  const machine = platform === "linux" ? readLinux(files) : await readWithTools(arch)
  const disk = await diskSpace(path)
  return {
    ...machine,
    platform,
    arch,
    diskFreeBytes: disk.freeBytes,
    diskTotalBytes: disk.totalBytes,
    devices: [],
  }
}

async function readWithTools(arch: string): Promise<MachineFacts> {
  try {
    const { default: system } = await import("systeminformation")
    return await readOther(system, arch)
  } catch {
    // Its tools may be missing or forbidden: Node's own view is coarser, and enough to go on.
    return {
      cpuModel: cpus()[0]?.model ?? "unknown",
      cpuFeatures: [],
      usableCpus: Array.from({ length: availableParallelism() }, (_, index) => index),
      physicalCores: availableParallelism(),
      totalMemoryBytes: totalmem(),
      availableMemoryBytes: freemem(),
      memoryLimitBytes: totalmem(),
      onBattery: null,
    }
  }
}
