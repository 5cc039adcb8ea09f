// The ledger as days, newest first. Connections of one purpose to one host are one line: a download makes dozens of them.
import type { LedgerEntry } from "@fireside/protocol"
import { type Carried, carriedBy, type LedgerPurpose, ledgerPurpose } from "./ledger-purpose.ts"

export interface LedgerLine {
  /** `seq` of its newest entry. */
  readonly seq: number
  readonly host: string
  readonly purpose: LedgerPurpose
  readonly feature: string
  readonly carried: Carried
  readonly verdict: LedgerEntry["verdict"]
  readonly connections: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly firstAt: string
  readonly lastAt: string
}

export interface LedgerDay {
  /** The first moment of the day where its reader is. */
  readonly startsAt: Date
  readonly lines: readonly LedgerLine[]
}

export function ledgerDays(entries: readonly LedgerEntry[]): readonly LedgerDay[] {
  const days = new Map<number, Map<string, LedgerLine>>()
  for (const entry of [...entries].sort((one, other) => other.seq - one.seq)) {
    const day = dayStart(new Date(entry.at)).getTime()
    const lines = days.get(day) ?? new Map<string, LedgerLine>()
    const { reason, feature, host, verdict, contentClass } = entry
    const key = JSON.stringify([reason, feature, host, verdict, contentClass])
    lines.set(key, addEntry(lines.get(key), entry))
    days.set(day, lines)
  }
  return [...days]
    .sort(([one], [other]) => other - one)
    .map(([day, lines]) => ({ startsAt: new Date(day), lines: [...lines.values()] }))
}

function addEntry(line: LedgerLine | undefined, entry: LedgerEntry): LedgerLine {
  const { seq, host, feature, verdict, bytesIn, bytesOut, at } = entry
  if (line === undefined)
    return {
      ...{ seq, host, feature, verdict, bytesIn, bytesOut },
      purpose: ledgerPurpose(entry),
      carried: carriedBy(entry),
      connections: 1,
      firstAt: at,
      lastAt: at,
    }
  return {
    ...line,
    connections: line.connections + 1,
    bytesIn: line.bytesIn + bytesIn,
    bytesOut: line.bytesOut + bytesOut,
    firstAt: at,
  }
}

/** By the reader's own clock, so that a day is what its reader calls so. */
export function dayStart(moment: Date): Date {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate())
}
