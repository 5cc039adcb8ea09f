// What a bench run sees of the machine.
import {
  type Clock,
  type MemoryBandwidth,
  memoryBandwidth,
  type ProcessMemory,
  processMemory,
  processorsUsed,
  processorTimes,
} from "@fireside/host"

export interface BenchProbes {
  bandwidth(threads: number, signal: AbortSignal): Promise<MemoryBandwidth>
  memoryOf(pid: number): Promise<ProcessMemory>
  /** Processors that are in use while the run does nothing. */
  foreignCpus(signal: AbortSignal): Promise<number>
}

/** Long enough for the system's counting in hundredths of a second. */
const WINDOW_MS = 150

export function createBenchProbes(clock: Clock): BenchProbes {
  return {
    bandwidth: (threads, signal) => memoryBandwidth({ threads, clock }, signal),
    memoryOf: processMemory,
    async foreignCpus(signal) {
      const before = processorTimes()
      await new Promise<void>((resolve) => void clock.setTimer(WINDOW_MS, resolve))
      signal.throwIfAborted()
      return processorsUsed(before, processorTimes())
    },
  }
}
