// What a chat is asked with beside its words: kept by the interactive session, changed by `/set`, filled from the flags of `run`.
import type { RunOptions } from "@fireside/app"
import {
  AppError,
  type ChatRequest,
  type Message,
  REQUEST_LIMITS,
  type ResponseFormat,
  type SamplingOptions,
} from "@fireside/protocol"

export interface ChatSettings {
  readonly model: string
  readonly system?: string | undefined
  readonly sampling: SamplingOptions
  readonly stop?: readonly string[] | undefined
  readonly maxTokens?: number | undefined
  readonly contextLength?: number | undefined
  readonly think?: boolean | undefined
  readonly format?: ResponseFormat | undefined
  readonly keepAliveMs?: number | undefined
  /** Load against the memory plan. */
  readonly force: boolean
  /** Load it in deterministic mode, whatever the settings say. */
  readonly deterministic?: boolean | undefined
  readonly verbose: boolean
  readonly wordWrap: boolean
}

/** Throws `bad-request` when there are more stop strings than a request may have. */
export function toRequest(settings: ChatSettings, messages: readonly Message[]): ChatRequest {
  const { system, stop, maxTokens, contextLength, think, format } = settings
  if (stop !== undefined && stop.length > REQUEST_LIMITS.stopStrings) {
    throw new AppError("bad-request", {
      message: `There are ${stop.length} stop strings; at most ${REQUEST_LIMITS.stopStrings} are watched for.`,
    })
  }
  return {
    model: settings.model,
    messages: [...(system === undefined ? [] : [{ role: "system" as const, content: system }]), ...messages],
    sampling: settings.sampling,
    ...(stop === undefined ? {} : { stop: [...stop] }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(think === undefined ? {} : { think }),
    ...(format === undefined ? {} : { responseFormat: format }),
  }
}

export function toRunOptions(settings: ChatSettings, onLoad?: (name: string) => void): RunOptions {
  return {
    ...(settings.keepAliveMs === undefined ? {} : { keepAliveMs: settings.keepAliveMs }),
    ...wishOf(settings),
    ...(onLoad === undefined ? {} : { onLoad }),
  }
}

function wishOf({ force, deterministic }: ChatSettings): Pick<RunOptions, "wish"> {
  if (!force && deterministic !== true) return {}
  return {
    wish: { ...(force ? { force } : {}), ...(deterministic === true ? { deterministic } : {}) },
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, "": 1_000 }

/** `300`, `300s`, `10m`, `1h30m`; negative is for ever. Throws `bad-request`. */
export function parseKeepAlive(text: string): number {
  const trimmed = text.trim()
  const parts = [...trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|(?=\d|$))/g)]
  const whole = parts.map(([match]) => match).join("")
  if (parts.length === 0 || whole !== trimmed.replace(/^-/, ""))
    throw new AppError("bad-request", {
      message: `${JSON.stringify(text)} is no duration.`,
      hint: "Write 300, 90s, 10m or 1h; -1 is for ever.",
    })
  const ms = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ""] ?? Number.NaN),
    0,
  )
  return trimmed.startsWith("-") ? -1 : ms
}
