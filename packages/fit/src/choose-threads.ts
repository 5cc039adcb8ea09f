// How many threads compute, and on which processors.
import type { HardwareFacts } from "@fireside/protocol"

type ProcessorFacts = Pick<HardwareFacts, "platform" | "usableCpus" | "physicalCores">

export interface ChosenThreads {
  readonly threads: number
  /** Empty: not pinned. */
  readonly cpus: readonly number[]
  /** Why a wish was not taken as it was. */
  readonly notice: string | undefined
}

/**
 * One thread for each physical core that this process may use. Two threads on one core share its arithmetic units and
 * wait for each other at every barrier. They are pinned when each usable processor is a core of its own; with more
 * processors than cores it is not known which two are the same core, so the system places them, as on macOS, which has no
 * pinning.
 *
 * A wished number is taken, up to the usable processors: more threads than processors only wait at barriers.
 */
export function chooseThreads(hardware: ProcessorFacts, wished: number | undefined): ChosenThreads {
  const usable = hardware.usableCpus
  const most = Math.max(1, usable.length)
  const natural = Math.min(most, Math.max(1, hardware.physicalCores))
  const asked = wished !== undefined && Number.isFinite(wished) ? Math.floor(wished) : natural
  const threads = Math.max(1, Math.min(asked, most))
  const oneEach = hardware.platform !== "darwin" && usable.length <= hardware.physicalCores
  return {
    threads,
    cpus: oneEach ? usable.slice(0, threads) : [],
    notice:
      asked > most
        ? `${threads} threads: ${asked} were asked for, but this process may use ${most} processors.`
        : undefined,
  }
}
