// How many bytes a model may take on this machine.
import type { HardwareFacts } from "@fireside/protocol"

const MIB = 1024 * 1024

/** Kept for the gateway, the engine's own process and the person's other programs, whatever the machine's size. */
const RESERVE_BYTES = 384 * MIB
/** On larger machines the reserve is this share of memory, up to `RESERVE_MAX_BYTES`. */
const RESERVE_RATIO = 0.08
const RESERVE_MAX_BYTES = 2_048 * MIB

type MemoryFacts = Pick<HardwareFacts, "availableMemoryBytes" | "memoryLimitBytes" | "totalMemoryBytes">

/**
 * The smaller of the control group's limit and what is available, less a reserve. Never negative. The limit counts:
 * a machine's free memory says nothing inside a container, where passing the limit ends the process without a word.
 */
export function memoryBudget(hardware: MemoryFacts): { budgetBytes: number; reserveBytes: number } {
  const limitBytes = atLeastZero(hardware.memoryLimitBytes)
  const reserveBytes = Math.min(
    Math.max(RESERVE_BYTES, Math.floor(limitBytes * RESERVE_RATIO)),
    RESERVE_MAX_BYTES,
  )
  const usable = Math.min(limitBytes, atLeastZero(hardware.availableMemoryBytes))
  return { budgetBytes: Math.max(0, usable - reserveBytes), reserveBytes }
}

function atLeastZero(value: number): number {
  return Number.isFinite(value) && value > 0 ? Math.floor(value) : 0
}
