// How often each model's process has crashed lately: how long to wait before a restart, and when to stop trying. Pure.
import { AppError, CHILD_LIMITS } from "@fireside/protocol"

export class CrashRecord {
  readonly #crashes: { readonly atMs: number; readonly reason: string }[] = []

  /** `nowMs` is a monotonic clock, here and below. */
  add(nowMs: number, reason: string): void {
    this.#forget(nowMs)
    this.#crashes.push({ atMs: nowMs, reason })
  }

  /** How long to wait before the next start; 0 when nothing crashed lately. */
  delayMs(nowMs: number): number {
    this.#forget(nowMs)
    const last = this.#crashes.at(-1)
    if (last === undefined) return 0
    const { restartBackoffMs } = CHILD_LIMITS
    const backoff = restartBackoffMs[Math.min(this.#crashes.length, restartBackoffMs.length) - 1] ?? 0
    return Math.max(0, last.atMs + backoff - nowMs)
  }

  /** Throws `model-quarantined` when it crashed too often; over by itself when the crashes are old enough. */
  requireTrust(nowMs: number, model: string): void {
    this.#forget(nowMs)
    const { crashesBeforeQuarantine, crashWindowMs } = CHILD_LIMITS
    const last = this.#crashes.at(-1)
    // One crash more than a quarantine needs is never recorded within the window, so the first one decides its end.
    const first = this.#crashes.at(-crashesBeforeQuarantine)
    if (last === undefined || first === undefined) return
    const seconds = Math.ceil((first.atMs + crashWindowMs - nowMs) / 1_000)
    throw new AppError("model-quarantined", {
      message: `${model} crashed ${this.#crashes.length} times in ${crashWindowMs / 60_000} minutes and is not started again for ${seconds} s. Last: ${last.reason}`,
      hint: "Run `fireside verify` on the model, load it with a shorter context, or try again later.",
      details: { crashes: this.#crashes.length, retryAfterSeconds: seconds, reason: last.reason },
    })
  }

  #forget(nowMs: number): void {
    while ((this.#crashes[0]?.atMs ?? nowMs) < nowMs - CHILD_LIMITS.crashWindowMs) this.#crashes.shift()
  }
}
