// Showing an offer and getting the user's answer to it, before the first byte of weights.
import type { PullOffer, PullOptions } from "./library.ts"
import type { Licence } from "./licence.ts"
import { type LicenceStore, requireLicence } from "./licence-gate.ts"
import type { SourceOffer } from "./source.ts"

export interface Terms {
  readonly name: string
  readonly offer: SourceOffer
  readonly licence: Licence
  /** The reference that the offer came from. */
  readonly from: string
  readonly failed: PullOffer["failed"]
  readonly approximateBytes: number | undefined
}

/** Throws `Refusal`: errors in here are the user's answer, not the source's failure, and end the pull. */
export async function consent(
  terms: Terms,
  { options, store }: { readonly options: PullOptions; readonly store: LicenceStore },
): Promise<void> {
  const { name, offer, licence, from, failed, approximateBytes } = terms
  const sizes = offer.files.map(({ sizeBytes }) => sizeBytes)
  const packaged = /^(?:pip|npm):/.test(from)
  const sum = sizes.includes(0) || packaged ? undefined : sizes.reduce((total, size) => total + size, 0)
  const downloadBytes = offer.downloadBytes ?? sum
  try {
    await options.onOffer?.({
      name,
      source: from,
      licence,
      files: offer.files,
      failed,
      ...(downloadBytes === undefined ? {} : { downloadBytes }),
      ...(approximateBytes === undefined ? {} : { approximateBytes }),
    })
    // Read only now: whoever shows the offer may ask, and set it.
    await requireLicence(name, licence, { store, accept: options.acceptLicence ?? false })
  } catch (error) {
    throw new Refusal(error)
  }
}

/** Wraps what the user's side threw, so that it is not taken for a failing source. */
class Refusal extends Error {
  constructor(cause: unknown) {
    super("refused", { cause })
  }
}

/** What the reader of a pull gets to see: the user's own refusal as it was thrown. */
export function unwrapRefusal(error: unknown): unknown {
  return error instanceof Refusal ? error.cause : error
}
