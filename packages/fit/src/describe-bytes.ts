// Bytes as people read them in a verdict: `1.4 GiB`.

/** Binary units, one digit under 10. Without `Intl`, whose first use costs 10 ms of a cold start. */
export function describeBytes(sizeBytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
  let value = sizeBytes
  let unit = 0
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024
    unit += 1
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}
