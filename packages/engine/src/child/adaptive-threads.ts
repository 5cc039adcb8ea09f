// How many threads compute. A foreign program on one of our processors holds up one thread, and all others wait for it at
// each barrier: then fewer threads are faster. Pure: times in, a count out.
//
// What others take of the processors is measured where the system says it, and is believed: a look at more threads than there is room for
// may cost two seconds for one step (600 barriers, and at each the system lets the foreign program finish its turn). Where it is not known,
// and between the clear cases, the times of steps decide.
import type { ForeignUse } from "./foreign-use.ts"
import { createRunningMedian, type RunningMedian } from "./running-median.ts"

/** A step that takes this many times the usual one counts as disturbed … */
const SLOW_RATIO = 2
/** … and this many in a row are believed. */
const SLOW_STEPS = 3
const HISTORY = 31
const HISTORY_NEEDED = 5
/** How often more threads are tried while there are fewer than all: after each failure half as often, because it costs a slow step. */
const TRY_MORE_EVERY_MS = 1_000
const TRY_MORE_AT_LEAST_EVERY_MS = 8_000
/** How often fewer are tried: the disturbance may have been there from the start, and then nothing looks slow. */
const TRY_FEWER_EVERY_MS = 5_000
const TRY_FEWER_FIRST_STEPS = 16
/** A look at fewer takes no more than this share of the time: one long step of prefill with fewer threads is dear. */
const TRY_FEWER_SHARE = 0.02
const PROBE_STEPS = 4
/** One step as long as this is a probe: it is steadier than short ones. */
const LONG_STEP_MS = 200
/** A probe is broken off when one step of it takes this many times what it is compared with: of more threads, and of fewer. */
const PROBE_LIMIT_MORE = 3
const PROBE_LIMIT_FEWER = 1.2
/** More threads must win by more than noise, fewer by more than a little: they take less of the machine, but stay for a second. */
const BETTER_WITH_MORE = 0.97
const BETTER_WITH_FEWER = 0.85

/** With less than this of a processor taken by others nothing is held up: a slow step has another reason. */
const QUIET = 0.15
/**
 * Fewer threads are looked at when others take more than this of what the thread that goes does: all wait for the one that is held up, so
 * f of a processor cost f of the speed at least, and one of n threads 1/n.
 */
const WORTH_A_LOOK = 0.75
/** Threads go at once when others take so much more than they leave room for: without a sign of it in our own times, and with one. */
const CROWDED = 0.7
const CROWDED_AND_SLOW = 0.3
/** More threads are tried when others take no more than this of what they need. */
const ROOM_TO_TRY = 0.5

interface Probe {
  readonly from: number
  readonly ratios: number[]
  tookMs: number
}

export interface StepTime {
  /** Steps of one kind are compared with each other: equal numbers of rows, and about as much context behind them. */
  readonly kind: string
  readonly durationMs: number
  /** Units of work in it, in which steps of one kind may differ: rows of prefill. */
  readonly work: number
}

/** Steps are alike when they have about as much context behind them, within so many tokens. */
const DEPTH_TOKENS = 512

/** How much context the streams of a batch have behind them, for its kind: a row of prefill takes twice as long behind 1,000 tokens. */
export function depthOf(tokens: readonly number[]): string {
  const mean = tokens.reduce((sum, count) => sum + count, 0) / Math.max(1, tokens.length)
  return ` after ${Math.round(mean / DEPTH_TOKENS)}`
}

export interface AdaptiveThreadsOptions {
  /** As many as compute when nothing disturbs. */
  readonly full: number
  /** What others take of our processors. Null: not known. */
  readonly foreign: ForeignUse | null
}

export class AdaptiveThreads {
  readonly #foreign: AdaptiveThreadsOptions["foreign"]
  /** Processors that others took a moment ago; null: not known. */
  #foreignUse: number | null = null
  /** Numbers of threads to choose from, most first. */
  readonly #levels: readonly number[]
  #level = 0
  /** Since when fewer than all compute. */
  #fewerSince: number | null = null
  /** Undisturbed durations of one unit of work: of each level, by kind. */
  readonly #histories: readonly Map<StepTime["kind"], RunningMedian>[]
  #slow = 0
  #probe: Probe | null = null
  #steps = 0
  #tryMoreAt = 0
  #tryMoreEveryMs = TRY_MORE_EVERY_MS
  #tryFewerAt = 0

  constructor({ full, foreign }: AdaptiveThreadsOptions) {
    this.#foreign = foreign
    const levels = [full, full - 1, Math.ceil(full / 2), 1].filter((count) => count >= 1)
    this.#levels = [...new Set(levels)]
    this.#histories = this.#levels.map(() => new Map())
  }

  /** For the next step. */
  get threads(): number {
    return this.#levels[this.#level] ?? 1
  }

  /** For so long fewer than all have computed; null: all do. Whether that goes on for as long again is a fair bet, and no more. */
  fewerForMs(nowMs: number): number | null {
    return this.#fewerSince === null ? null : nowMs - this.#fewerSince
  }

  /** Work begins after a pause. */
  resume(nowMs: number): void {
    this.#foreign?.restart(nowMs)
    this.#foreignUse = null
  }

  /** Looks at the machine before a step, which costs 0.05 ms a few times a second. */
  prepare(nowMs: number): void {
    if (this.#foreign === null || this.#levels.length === 1) return
    this.#foreignUse = this.#foreign.measure(nowMs)
    if (this.#missing(this.threads) > CROWDED) this.#leave(nowMs)
    else if (this.#isQuiet && this.#level > 0) {
      this.#probe = null
      this.#moveTo(0, nowMs)
    }
  }

  /** Tells how long a step with `threads` took. `nowMs` is a monotonic clock. */
  record(step: StepTime, nowMs: number): void {
    if (this.#levels.length === 1) return
    this.#steps += 1
    if (this.#probe !== null) this.#recordProbe(this.#probe, step, nowMs)
    else if (this.#isSlow(step)) this.#recordSlow(step, nowMs)
    // What is usual is not known yet, so the machine is asked.
    else if (this.#usual(this.#level, step.kind) === null && this.#isHeldUp(nowMs)) this.#leave(nowMs)
    else {
      this.#slow = 0
      this.#remember(step)
      this.#maybeProbe(nowMs)
    }
  }

  /** Processors that so many threads need and others have; 0 or less: there is room, or nobody knows. */
  #missing(threads: number): number {
    if (this.#foreign === null || this.#foreignUse === null) return 0
    return threads - (this.#foreign.processors - this.#foreignUse)
  }

  get #isQuiet(): boolean {
    return this.#foreignUse !== null && this.#foreignUse < QUIET
  }

  /** By so much that one thread less may be faster. */
  get #mayBeHeldUp(): boolean {
    if (this.#foreignUse === null) return true
    return !this.#isQuiet && this.#missing(this.threads) > WORTH_A_LOOK / this.threads
  }

  /** Down to as many threads as there is room for. */
  #leave(nowMs: number): void {
    const fitting = this.#levels.findIndex((threads) => this.#missing(threads) <= CROWDED_AND_SLOW)
    const level = fitting < 0 ? this.#levels.length - 1 : fitting
    if (level <= this.#level) return
    this.#probe = null
    this.#moveTo(level, nowMs)
  }

  /** Do others take so much that a slow step is no wonder? */
  #isHeldUp(nowMs: number): boolean {
    this.#foreignUse = this.#foreign?.measure(nowMs) ?? null
    return this.#level < this.#levels.length - 1 && this.#missing(this.threads) > CROWDED_AND_SLOW
  }

  #recordSlow(step: StepTime, nowMs: number): void {
    const { kind } = step
    if (this.#isHeldUp(nowMs)) {
      this.#leave(nowMs)
      return
    }
    if (this.#isQuiet) {
      this.#slow = 0
      this.#remember(step)
      return
    }
    this.#slow += 1
    if (this.#slow < SLOW_STEPS) return
    this.#slow = 0
    // With one thread this is the new usual; otherwise what was usual here is asked for again after the next probe.
    if (this.#level === this.#levels.length - 1) this.#histories[this.#level]?.delete(kind)
    else this.#moveTo(this.#level + 1, nowMs)
  }

  #maybeProbe(nowMs: number): void {
    const more = this.#levels[this.#level - 1]
    if (more !== undefined && nowMs >= this.#tryMoreAt) {
      if (this.#missing(more) <= ROOM_TO_TRY) this.#startProbe(this.#level - 1, nowMs)
      else this.#tryMoreAt = nowMs + TRY_MORE_EVERY_MS
    } else if (
      this.#level < this.#levels.length - 1 &&
      this.#mayBeHeldUp &&
      this.#steps >= TRY_FEWER_FIRST_STEPS &&
      nowMs >= this.#tryFewerAt
    )
      this.#startProbe(this.#level + 1, nowMs)
  }

  #startProbe(level: number, nowMs: number): void {
    this.#probe = { from: this.#level, ratios: [], tookMs: 0 }
    this.#choose(level, nowMs)
  }

  #recordProbe(probe: Probe, step: StepTime, nowMs: number): void {
    const { from, ratios } = probe
    const usual = this.#usual(from, step.kind)
    ratios.push(usual === null ? 1 : step.durationMs / step.work / usual)
    probe.tookMs += step.durationMs
    const worst = Math.max(...ratios)
    const enough = step.durationMs >= LONG_STEP_MS ? 1 : PROBE_STEPS
    const isMore = this.#level < from
    const isHopeless = worst > (isMore ? PROBE_LIMIT_MORE : PROBE_LIMIT_FEWER)
    if (ratios.length < enough && !isHopeless) return
    this.#probe = null
    const isBetter = !isHopeless && median(ratios) < (isMore ? BETTER_WITH_MORE : BETTER_WITH_FEWER)
    if (isMore)
      this.#tryMoreEveryMs = isBetter
        ? TRY_MORE_EVERY_MS
        : Math.min(2 * this.#tryMoreEveryMs, TRY_MORE_AT_LEAST_EVERY_MS)
    const level = isBetter ? this.#level : from
    if (!isMore) this.#tryFewerAt = nowMs + Math.max(TRY_FEWER_EVERY_MS, probe.tookMs / TRY_FEWER_SHARE)
    // A look at fewer that found nothing says nothing about more.
    if (isMore || isBetter) this.#moveTo(level, nowMs)
    else this.#choose(level, nowMs)
  }

  #choose(level: number, nowMs: number): void {
    this.#level = level
    this.#fewerSince = level === 0 ? null : (this.#fewerSince ?? nowMs)
  }

  #moveTo(level: number, nowMs: number): void {
    this.#choose(level, nowMs)
    this.#slow = 0
    this.#tryMoreAt = nowMs + this.#tryMoreEveryMs
  }

  #isSlow({ kind, durationMs, work }: StepTime): boolean {
    const usual = this.#usual(this.#level, kind)
    return usual !== null && durationMs / work > SLOW_RATIO * usual
  }

  /** Null: too few steps tell. */
  #usual(level: number, kind: StepTime["kind"]): number | null {
    const history = this.#histories[level]?.get(kind)
    return history === undefined || history.count < HISTORY_NEEDED ? null : history.median
  }

  #remember({ kind, durationMs, work }: StepTime): void {
    const histories = this.#histories[this.#level]
    let history = histories?.get(kind)
    if (history === undefined) {
      history = createRunningMedian(HISTORY)
      histories?.set(kind, history)
    }
    history.add(durationMs / work)
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}
