// What will be downloaded, from where, and under which licence: said before the first byte.
import type { AdvisedOffer } from "@fireside/app"
import { formatSize } from "./format.ts"
import type { Io } from "./io.ts"
import { stripEscapes } from "./strip-escapes.ts"

export interface AnnounceOptions {
  /** In one line, where the user has just read about the model. */
  readonly short: boolean
}

export function announceOffer(io: Io, offer: AdvisedOffer, { short }: AnnounceOptions): void {
  const { bold, dim } = io.errColours
  const size = describeSize(offer)
  if (short) {
    io.err(`${dim(`from ${stripEscapes(offer.source)} · ${size} · ${stripEscapes(offer.licence.name)}`)}\n`)
    return
  }
  const advice = offer.advice === undefined ? [] : [["Speed", offer.advice] satisfies [string, string]]
  const rows: [string, string][] = [
    ["Source", offer.source],
    ["Size", size],
    [
      "Licence",
      [offer.licence.name, offer.licence.url].filter((it) => it !== undefined && it !== "").join("  "),
    ],
    ...advice,
  ]
  io.err(`${bold(stripEscapes(offer.name))}\n`)
  for (const [name, value] of rows) io.err(`  ${dim(name.padEnd(8))} ${stripEscapes(value)}\n`)
}

function describeSize({ downloadBytes, approximateBytes }: AdvisedOffer): string {
  if (downloadBytes !== undefined) return formatSize(downloadBytes)
  return approximateBytes === undefined ? "the source does not say" : `about ${formatSize(approximateBytes)}`
}
