// A source file as people paste it to have it changed, with names from a seed: no round can copy from the one before. Pure.
import { createWords } from "./random-words.ts"

const THINGS =
  "user order book city team player song letter ticket device recipe invoice planet garden vessel parcel".split(
    " ",
  )
const TRAITS =
  "age size weight price score length height rank speed volume depth width count level power balance".split(
    " ",
  )

export interface CodeFile {
  readonly text: string
  /** A function in it, and what it shall be called. */
  readonly from: string
  readonly to: string
}

/** Some 140 tokens of Python for each part. */
export function createCodeFile({ seed, parts }: { readonly seed: number; readonly parts: number }): CodeFile {
  const source = createWords(seed)
  const offset = source.below(THINGS.length)
  const trait = source.below(TRAITS.length)
  const named = Array.from({ length: parts }, (_, at) => ({
    thing: THINGS[(offset + at) % THINGS.length] ?? "thing",
    trait: TRAITS[(trait + 3 * at) % TRAITS.length] ?? "size",
  }))
  const [first] = named
  if (first === undefined) throw new Error("a file has at least one part")
  const from = `largest_${first.thing}`
  return {
    text: ["import json", ...named.map(partOf)].join("\n\n"),
    from,
    to: `find_${from}`,
  }
}

function partOf({ thing, trait }: { readonly thing: string; readonly trait: string }): string {
  return `def load_${thing}s(path):
    with open(path) as file:
        data = json.load(file)
    ${thing}s = []
    for entry in data:
        ${thing}s.append({"name": entry["name"], "${trait}": entry["${trait}"]})
    return ${thing}s

def largest_${thing}(${thing}s):
    best = None
    for ${thing} in ${thing}s:
        if best is None or ${thing}["${trait}"] > best["${trait}"]:
            best = ${thing}
    return best

def average_${trait}(${thing}s):
    total = 0
    for ${thing} in ${thing}s:
        total += ${thing}["${trait}"]
    return total / len(${thing}s)`
}
