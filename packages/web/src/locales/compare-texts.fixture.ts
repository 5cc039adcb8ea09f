// What is wrong with the texts of a language, each as a line that says which text. Pure: the files are read by the test.
import type { TextUse } from "./text-uses.fixture.ts"

/** By their keys, as `t` takes them; `undefined` is what is no text. */
export type Texts = ReadonlyMap<string, string | undefined>

const PLURAL = /^(.+)_(zero|one|two|few|many|other)$/

/** These say how many by themselves. */
const NAMED_NUMBERS = new Set(["zero", "one", "two"])

export function leavesOf(value: unknown, path = ""): Map<string, string | undefined> {
  if (typeof value !== "object" || value === null)
    return new Map([[path, typeof value === "string" ? value : undefined]])
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [
      ...leavesOf(inner, path === "" ? key : `${path}.${key}`),
    ]),
  )
}

/** `texts` of a language against those of English: which are missing, too many, empty, or have other variables. */
export function differences(
  language: string,
  { english, texts }: { readonly english: Texts; readonly texts: Texts },
): readonly string[] {
  const wanted = wantedKeys(language, english)
  const missing = [...wanted.keys()].filter((key) => !texts.has(key)).map((key) => `${key} is missing`)
  const wrong = [...texts].flatMap(([key, text]) => {
    const original = wanted.get(key)
    if (original === undefined) return [`${key} is not in English`]
    if (text === undefined || text.trim() === "") return [`${key} is empty`]
    const [own, theirs] = [variablesOf(text), variablesOf(original)]
    if (NAMED_NUMBERS.has(PLURAL.exec(key)?.[2] ?? "")) {
      own.add("{{count}}")
      theirs.add("{{count}}")
    }
    return say(own) === say(theirs) ? [] : [`${key} has ${say(own)}, English has ${say(theirs)}`]
  })
  return [...missing, ...wrong]
}

/** The uses that lead to no text. */
export function missingKeys(
  uses: readonly TextUse[],
  english: ReadonlyMap<string, Texts>,
): readonly string[] {
  return uses
    .filter(({ namespace, key }) => {
      const places = namespace === undefined ? [...english.values()] : [english.get(namespace) ?? new Map()]
      return !places.some((texts) =>
        [...texts.keys()].some((known) => isMatch(key, known) || isMatch(key, baseOf(known))),
      )
    })
    .map(({ namespace = "?", key }) => `${namespace}:${key}`)
}

/** The texts that no use leads to. `quoted`: keys that may reach `t` in a variable. */
export function unusedKeys(
  english: ReadonlyMap<string, Texts>,
  { uses, quoted }: { readonly uses: readonly TextUse[]; readonly quoted: ReadonlySet<string> },
): readonly string[] {
  return [...english].flatMap(([namespace, texts]) => {
    const own = uses.filter((use) => use.namespace === undefined || use.namespace === namespace)
    return [...texts.keys()]
      .filter(
        (key) => ![key, baseOf(key)].some((it) => quoted.has(it) || own.some((use) => isMatch(use.key, it))),
      )
      .map((key) => `${namespace}:${key}`)
  })
}

/** Is it the key, where `*` stands for anything of at least one letter? */
export function isMatch(pattern: string, key: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
  return new RegExp(`^${parts.join(".+")}$`).test(key)
}

/** The keys that a language must have, with the English text each is held against: of a plural, one for each form of the language. */
function wantedKeys(language: string, english: Texts): ReadonlyMap<string, string> {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
  return new Map(
    [...english].flatMap(([key, text = ""]) => {
      const base = baseOf(key)
      if (base === key || !english.has(`${base}_other`)) return [[key, text] as const]
      return forms.map((form) => [`${base}_${form}`, english.get(`${base}_other`) ?? ""] as const)
    }),
  )
}

function baseOf(key: string): string {
  return PLURAL.exec(key)?.[1] ?? key
}

function variablesOf(text: string): Set<string> {
  return new Set([...text.matchAll(/\{\{-?\s*(\w+)[^}]*\}\}/g)].map(([, name]) => `{{${name}}}`))
}

function say(variables: ReadonlySet<string>): string {
  return variables.size === 0 ? "nothing" : [...variables].sort().join(" ")
}
