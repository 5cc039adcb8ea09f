// Which model of a list to propose on a machine: the first run's question.
import type { HardwareFacts } from "@fireside/protocol"
import { describeBytes } from "./describe-bytes.ts"
import type { KernelSpeeds } from "./kernel-speeds.ts"
import { estimateShape, type ModelOutline } from "./model-shape.ts"
import { rateSpeed, type SpeedRating } from "./rate-speed.ts"

/** What a catalogue entry must say; more fields pass through. */
export interface Proposable extends ModelOutline {
  readonly name: string
  readonly capabilities: readonly string[]
  readonly licence: { readonly permissive: boolean }
}

export interface Proposal<Entry> {
  /** The best that fits and is fast enough; else the fastest that fits; undefined when none fits. */
  readonly best: { readonly entry: Entry; readonly rating: SpeedRating } | undefined
  /** Every entry for a chat with its rating, in the order of the list. */
  readonly rated: readonly { readonly entry: Entry; readonly rating: SpeedRating }[]
  /** Why `best`, in one sentence. */
  readonly reason: string
}

/** Comfortable for a first impression: clearly faster than reading. */
const COMFORTABLE_TOKENS_PER_SECOND = 12
/** Left on the disk after the download. */
const DISK_RESERVE_BYTES = 2 * 1024 ** 3

/**
 * Chooses the largest model that answers faster than people read, among those that can chat, fit in memory and leave room on
 * the disk. `kernels`: what was measured of this machine, in place of what is usual. Models whose licence has conditions come only when no other fits: the first minutes should not need a lawyer.
 */
export function proposeModel<Entry extends Proposable>(
  entries: readonly Entry[],
  hardware: HardwareFacts,
  kernels?: KernelSpeeds,
): Proposal<Entry> {
  const measured = kernels === undefined ? {} : { kernels }
  const rated = forChat(entries).map((entry) => ({
    entry,
    rating: rateSpeed(estimateShape(entry), hardware, measured),
  }))
  const possible = rated.filter(
    ({ entry, rating }) =>
      rating.label !== "will not fit" &&
      entry.approximateSizeBytes + DISK_RESERVE_BYTES <= hardware.diskFreeBytes,
  )
  const permissive = possible.filter(({ entry }) => entry.licence.permissive)
  const pool = permissive.length > 0 ? permissive : possible
  const comfortable = pool.filter(
    ({ rating }) => rating.label === "fits" && rating.decodeTokensPerSecond >= COMFORTABLE_TOKENS_PER_SECOND,
  )
  const largest = maximum(comfortable, ({ entry }) => entry.parameters)
  if (largest !== undefined)
    return {
      best: largest,
      rated,
      reason: `${largest.entry.name} is the largest that answers at ${COMFORTABLE_TOKENS_PER_SECOND} tokens/s or more here (about ${largest.rating.decodeTokensPerSecond}).`,
    }
  const fastest = maximum(pool, ({ rating }) => rating.decodeTokensPerSecond)
  if (fastest !== undefined)
    return {
      best: fastest,
      rated,
      reason: `${fastest.entry.name} is the fastest that fits (about ${fastest.rating.decodeTokensPerSecond} tokens/s); larger ones would be slower than reading.`,
    }
  return {
    best: undefined,
    rated,
    reason: `None fits in memory with ${describeBytes(DISK_RESERVE_BYTES)} of disk to spare (${describeBytes(hardware.diskFreeBytes)} free).`,
  }
}

/** What fills gaps in code was made for editors: it answers, but not as well as others of its size. Only where nothing else can chat. */
function forChat<Entry extends Proposable>(entries: readonly Entry[]): readonly Entry[] {
  const able = entries.filter((entry) => entry.capabilities.includes("completion"))
  const general = able.filter((entry) => !entry.capabilities.includes("insert"))
  return general.length > 0 ? general : able
}

/** The first with the highest value; undefined for an empty list. */
function maximum<Item>(items: readonly Item[], value: (item: Item) => number): Item | undefined {
  return items.reduce<Item | undefined>(
    (best, item) => (best === undefined || value(item) > value(best) ? item : best),
    undefined,
  )
}
