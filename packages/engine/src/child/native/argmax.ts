// The largest of a row of logits.

/** So many are looked at together: most groups have nothing larger, and one guess of the processor covers them all. */
const GROUP = 8
/** Bits of +∞; those of what is not a number are above. */
const INFINITY_BITS = 0x7f80_0000

/**
 * What the library's greedy sampler chooses (the first of the largest), without its copy of the vocabulary: 0.026 ms in place of 0.15 for
 * 49,152 logits, which a row pays at each step. Positive numbers have the order of their bits, and whole numbers are compared without being
 * made double first; a row without a positive number, or with what is none, is looked at as it is.
 */
export function argmax(logits: Float32Array): number {
  const bits = bitsOf(logits)
  const best = firstOfMostBits(bits)
  return best >= 0 && (bits[best] as number) <= INFINITY_BITS ? best : firstOfLargest(logits)
}

const views = new WeakMap<Float32Array, Int32Array>()

function bitsOf(logits: Float32Array): Int32Array {
  let bits = views.get(logits)
  if (bits === undefined) {
    bits = new Int32Array(logits.buffer, logits.byteOffset, logits.length)
    views.set(logits, bits)
  }
  return bits
}

/**
 * −1: none is above 0. A plain loop was compiled anew by V8 inside its caller from the 500th call on, and took three times as long then;
 * this one stays as it is.
 */
function firstOfMostBits(bits: Int32Array): number {
  const count = bits.length
  const isAbove = (index: number, limit: number): boolean => (bits[index] as number) > limit // in range: the callers see to it
  let best = -1
  let most = 0
  const lookAt = (from: number, to: number) => {
    for (let index = from; index < to; index++)
      if (isAbove(index, most)) {
        most = bits[index] as number // in range
        best = index
      }
  }
  let index = 0
  for (; index + GROUP <= count; index += GROUP)
    if (
      isAbove(index, most) ||
      isAbove(index + 1, most) ||
      isAbove(index + 2, most) ||
      isAbove(index + 3, most) ||
      isAbove(index + 4, most) ||
      isAbove(index + 5, most) ||
      isAbove(index + 6, most) ||
      isAbove(index + 7, most)
    )
      lookAt(index, index + GROUP)
  lookAt(index, count)
  return best
}

function firstOfLargest(logits: Float32Array): number {
  let best = 0
  let largest = Number.NEGATIVE_INFINITY
  for (const [index, logit] of logits.entries())
    if (logit > largest) {
      largest = logit
      best = index
    }
  return best
}
