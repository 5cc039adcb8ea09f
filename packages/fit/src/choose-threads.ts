// How many threads compute, and on which processors.
import type { HardwareFacts } from "@fireside/protocol"

type ProcessorFacts = Pick<HardwareFacts, "usableCpus" | "physicalCores">

/**
 * One thread for each physical core that this process may use. Two threads on one core share its arithmetic units and
 * wait for each other at every barrier. They are pinned when each usable processor is a core of its own; with more
 * processors than cores it is not known which two are the same core, so the system places them.
 *
 * A wished number is taken, up to the usable processors: more threads than processors only wait at barriers.
 */
export function chooseThreads(
  hardware: ProcessorFacts,
  wished: number | undefined,
  notices: string[] = [],
): { threads: number; cpus: readonly number[] } {
  const usable = hardware.usableCpus
  const most = Math.max(1, usable.length)
  const natural = Math.max(1, Math.min(most, hardware.physicalCores))
  const threads =
    wished === undefined || !Number.isFinite(wished)
      ? natural
      : Math.max(1, Math.min(Math.floor(wished), most))
  if (wished !== undefined && wished > most)
    notices.push(`${threads} threads: ${wished} were asked for, but this process may use ${most} processors.`)
  const oneEach = usable.length > 0 && usable.length <= hardware.physicalCores
  return { threads, cpus: oneEach ? usable.slice(0, threads) : [] }
}
