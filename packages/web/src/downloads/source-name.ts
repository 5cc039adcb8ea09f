// Where a reference leads, for people: which service, and its host where the reference itself names it.

export interface SourceName {
  /** A key of the words; `host` is shown as it is. */
  readonly kind: "hub" | "ollama" | "pip" | "npm" | "host" | "other"
  readonly host: string
}

const KINDS: readonly (readonly [prefix: string, kind: SourceName["kind"]])[] = [
  ["hf:", "hub"],
  ["ollama:", "ollama"],
  ["pip:", "pip"],
  ["npm:", "npm"],
]

export function sourceNameOf(reference: string): SourceName {
  const kind = KINDS.find(([prefix]) => reference.startsWith(prefix))?.[1]
  if (kind !== undefined) return { kind, host: "" }
  const host = URL.canParse(reference) ? new URL(reference).host : ""
  return host === "" ? { kind: "other", host: reference } : { kind: "host", host }
}

/** Each service once, in the order they are tried. */
export function sourceNamesOf(references: readonly string[]): readonly SourceName[] {
  const names = new Map<string, SourceName>()
  for (const name of references.map(sourceNameOf)) {
    const key = `${name.kind} ${name.host}`
    if (!names.has(key)) names.set(key, name)
  }
  return [...names.values()]
}
