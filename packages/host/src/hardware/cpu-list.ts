// The kernel's notation for sets of processors: `0-3,8,10-11`.

/** More processors than any machine has. */
const HIGHEST_CPU = 65_535

/** Ascending numbers; undefined when the text is not such a list. */
export function parseCpuList(text: string): readonly number[] | undefined {
  const found = new Set<number>()
  for (const part of text.trim().split(",")) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim())
    if (match === null) return undefined
    const first = Number(match[1])
    const last = Number(match[2] ?? match[1])
    if (last < first || last > HIGHEST_CPU) return undefined
    for (let cpu = first; cpu <= last; cpu += 1) found.add(cpu)
  }
  return [...found].sort((left, right) => left - right)
}
