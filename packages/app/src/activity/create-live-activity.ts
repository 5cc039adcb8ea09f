// What the machine does at this moment, for somebody who asks every second. Nothing is measured while nobody asks.
import type { HardwareFacts, LiveActivity } from "@fireside/protocol"
import type { Activity } from "../app.ts"
import type { Parts } from "../parts.ts"
import type { AnswerSpeeds } from "./answer-speeds.ts"

export interface LiveActivityParts {
  readonly parts: Pick<Parts, "clock" | "hardware" | "processorTimes">
  readonly activity: () => Activity
  readonly speeds: AnswerSpeeds
}

/** Two pages that ask at the same time get the same numbers. */
const SHORTEST_LOOK_MS = 500
/** Linux tells its memory in files; elsewhere programs are started for it. */
const MEMORY_AGE_MS = { linux: 900, other: 5_000 } as const

interface Look {
  readonly atMs: number
  readonly times: ReturnType<Parts["processorTimes"]>
  readonly share: number | null
}

export function createLiveActivity({
  parts,
  activity,
  speeds,
}: LiveActivityParts): () => Promise<LiveActivity> {
  const { clock } = parts
  let last: Look | undefined
  let seen: { readonly atMs: number; readonly facts: Promise<HardwareFacts> } | undefined

  function processorShare(): number | null {
    const atMs = clock.monotonic()
    if (last !== undefined && atMs - last.atMs < SHORTEST_LOOK_MS) return last.share
    const times = parts.processorTimes()
    const share = last === undefined ? null : shareOf(last.times, times)
    last = { atMs, times, share }
    return share
  }

  async function machine(): Promise<HardwareFacts> {
    const now = clock.monotonic()
    if (seen !== undefined) {
      const facts = await seen.facts.catch(() => undefined)
      const age = facts?.platform === "linux" ? MEMORY_AGE_MS.linux : MEMORY_AGE_MS.other
      if (facts !== undefined && now - seen.atMs < age) return facts
    }
    seen = { atMs: now, facts: parts.hardware() }
    return await seen.facts
  }

  return async () => {
    const hardware = await machine()
    const { models, ...queue } = activity()
    return {
      at: new Date(clock.now()).toISOString(),
      processorShare: processorShare(),
      processors: hardware.usableCpus.length,
      memory: {
        totalBytes: hardware.totalMemoryBytes,
        availableBytes: hardware.availableMemoryBytes,
        limitBytes: hardware.memoryLimitBytes,
      },
      queue,
      models: models.map((model) => ({ ...model, tokensPerSecond: rounded(speeds.of(model.name)) })),
    }
  }
}

/** Null for counters that stood still or went back. */
function shareOf(before: Look["times"], after: Look["times"]): number | null {
  const wholeMs = after.wholeMs - before.wholeMs
  if (wholeMs <= 0) return null
  return Math.min(1, Math.max(0, (after.busyMs - before.busyMs) / wholeMs))
}

const rounded = (speed: number | null): number | null => (speed === null ? null : Math.round(speed * 10) / 10)
