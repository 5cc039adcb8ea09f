// A V8 processor profile summed by who owns the code. Pure.

/** The fields of a `.cpuprofile` that are used. Times are microseconds. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export interface OwnerTime {
  readonly owner: string
  readonly selfMs: number
}

/** Self time by package, most first. */
export function selfTimeByOwner(profile: CpuProfile): OwnerTime[] {
  const owners = new Map(profile.nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame)]))
  const sums = new Map<string, number>()
  for (const [index, sample] of profile.samples.entries()) {
    const owner = owners.get(sample) ?? "unknown"
    sums.set(owner, (sums.get(owner) ?? 0) + (profile.timeDeltas[index] ?? 0) / 1_000)
  }
  return [...sums].map(([owner, selfMs]) => ({ owner, selfMs })).sort((a, b) => b.selfMs - a.selfMs)
}

function ownerOf({ functionName, url }: { readonly functionName: string; readonly url: string }): string {
  if (functionName.startsWith("(")) return functionName // (idle), (program), (garbage collector)
  if (url.startsWith("node:") || url === "") return "node"
  const library = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  if (library !== undefined && !library.startsWith("@fireside/")) return library
  return /(packages\/[^/]+|dist\/[^/]+)/.exec(url)?.[1] ?? "other"
}
