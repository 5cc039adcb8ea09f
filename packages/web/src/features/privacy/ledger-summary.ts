// The ledger in a sentence or two: "3 connections since Monday, all downloads you asked for."
import type { LedgerEntry } from "@fireside/protocol"
import type { TFunction } from "i18next"
import { dayStart } from "./ledger-days.ts"

export interface LedgerSummary {
  /** Made in the last seven days, today among them. */
  readonly sent: number
  readonly blocked: number
  /** When the first of those that were made was; undefined: there was none. */
  readonly since: Date | undefined
  readonly kind: "downloads" | "searches" | "asked-for" | "other"
  /** Of those that were made: how many carried text or documents of their user. */
  readonly withContent: number
  /** The newest that was ever made. */
  readonly lastAt: Date | undefined
}

const DAYS = 7

/** `now`: milliseconds since 1970. */
export function summariseLedger(entries: readonly LedgerEntry[], now: number): LedgerSummary {
  const today = dayStart(new Date(now))
  const firstDay = new Date(today.getFullYear(), today.getMonth(), today.getDate() - DAYS + 1)
  const recent = entries.filter(({ at }) => Date.parse(at) >= firstDay.getTime())
  const sent = recent.filter(({ verdict }) => verdict === "sent")
  const momentsOf = (list: readonly LedgerEntry[]): number[] => list.map(({ at }) => Date.parse(at))
  const allSent = entries.filter(({ verdict }) => verdict === "sent")
  return {
    sent: sent.length,
    blocked: recent.length - sent.length,
    since: sent.length === 0 ? undefined : new Date(least(momentsOf(sent))),
    kind: kindOf(new Set(sent.map(({ feature }) => feature))),
    withContent: sent.filter(({ contentClass }) => contentClass === "prompt" || contentClass === "document")
      .length,
    lastAt: allSent.length === 0 ? undefined : new Date(-least(momentsOf(allSent).map((it) => -it))),
  }
}

/** A ledger may be longer than a call may have arguments. */
const least = (numbers: readonly number[]): number =>
  numbers.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY)

/** What a person begins, and nothing begins by itself. */
const ASKED_FOR: ReadonlySet<string> = new Set(["pull", "search", "import", "create"])

function kindOf(features: ReadonlySet<string>): LedgerSummary["kind"] {
  const all = [...features]
  if (!all.every((feature) => ASKED_FOR.has(feature))) return "other"
  if (all.every((feature) => feature === "pull")) return "downloads"
  return all.every((feature) => feature === "search") ? "searches" : "asked-for"
}

export interface SentenceOptions {
  readonly t: TFunction<"privacy">
  readonly locale: string
  readonly now: number
}

export function ledgerSentences(summary: LedgerSummary, options: SentenceOptions): readonly string[] {
  const { t } = options
  const { sent, blocked, since, kind, withContent, lastAt } = summary
  const sentences: string[] = []
  if (since !== undefined) {
    sentences.push(t(`summary.${kind}`, { count: sent, since: dayName(since, options) }))
    sentences.push(withContent === 0 ? t("summary.noContent") : t("summary.content", { count: withContent }))
  } else if (lastAt === undefined) sentences.push(t("summary.never"))
  else sentences.push(t("summary.notLately", { day: dayName(lastAt, options) }))
  if (blocked > 0) sentences.push(t("summary.blocked", { count: blocked }))
  return sentences
}

/** `today`, `Monday`, `3 March 2026`. */
export function dayName(moment: Date, { t, locale, now }: SentenceOptions): string {
  const today = dayStart(new Date(now))
  const day = dayStart(moment)
  if (day.getTime() === today.getTime()) return t("day.today")
  const oldest = new Date(today.getFullYear(), today.getMonth(), today.getDate() - DAYS + 1)
  const isNear = day >= oldest && day < today
  return new Intl.DateTimeFormat(locale, isNear ? { weekday: "long" } : { dateStyle: "long" }).format(day)
}
