// Do requests that are served together have so much in common that it should be held once? Pure.

export interface Beginning {
  readonly tokens: readonly number[]
  readonly adapterKey: string
  /** Whose they are; others may use `sharedTokens` of them only. */
  readonly cacheOwner: string | undefined
  readonly sharedTokens: number
}

/** In common cells every row looks at everybody's: what is not shared must be the smaller part. */
const COMMON_SHARE = 0.5
/** A copy of fewer tokens costs nothing to speak of. */
const LEAST_COMMON = 256
/** Of more requests these tell enough. */
const MOST_COMPARED = 16

/** True when most tokens of the prompts are a beginning that another of them has too. */
export function haveMuchInCommon(streams: readonly Beginning[]): boolean {
  const compared = streams.slice(0, MOST_COMPARED)
  let common = 0
  let all = 0
  for (const stream of compared) {
    const lengths = compared.map((other) => (other === stream ? 0 : commonLength(stream, other)))
    const most = Math.max(...lengths)
    common += most < LEAST_COMMON ? 0 : most
    all += stream.tokens.length
  }
  return all > 0 && common >= COMMON_SHARE * all
}

function commonLength(one: Beginning, other: Beginning): number {
  if (one.adapterKey !== other.adapterKey) return 0
  const isSameOwner = one.cacheOwner === other.cacheOwner
  const limit = Math.min(
    one.tokens.length,
    other.tokens.length,
    isSameOwner ? Number.POSITIVE_INFINITY : Math.min(one.sharedTokens, other.sharedTokens),
  )
  let length = 0
  while (length < limit && one.tokens[length] === other.tokens[length]) length += 1
  return length
}
