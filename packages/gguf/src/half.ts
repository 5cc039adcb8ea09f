// IEEE half precision and bfloat16, bit for bit as ggml converts them (round to nearest, ties to even).

const word = (value: number): number => {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, value)
  return view.getUint32(0)
}

/** The 16 bits of the half nearest to a 32-bit float; too large becomes infinity. */
export function toHalf(value: number): number {
  return halfOfBits(word(value))
}

/** As `toHalf`, of a float given as its 32 bits. */
export function halfOfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  if (magnitude >= 0x47800000) return sign | 0x7c00
  const exponent = (magnitude >>> 23) - 112
  if (exponent > 0) {
    const kept = (exponent << 10) | ((magnitude >>> 13) & 0x3ff)
    return sign | (kept + roundUp(magnitude & 0x1fff, 13, kept))
  }
  if (exponent < -10) return sign
  // Subnormal: the leading one becomes part of the fraction and moves right.
  const fraction = (magnitude & 0x7fffff) | 0x800000
  const shift = 14 - exponent
  const kept = fraction >>> shift
  return sign | (kept + roundUp(fraction & ((1 << shift) - 1), shift, kept))
}

function roundUp(dropped: number, bits: number, kept: number): number {
  const half = 1 << (bits - 1)
  return dropped > half || (dropped === half && (kept & 1) === 1) ? 1 : 0
}

/** The float that 16 bits of half precision stand for. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >>> 10) & 31
  const fraction = half & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The 16 bits of the bfloat16 nearest to a float that is given as its 32 bits. */
export function bfloat16OfBits(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 64
  return (bits + (0x7fff + ((bits >>> 16) & 1))) >>> 16
}
