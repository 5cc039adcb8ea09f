// Every language says all that English says, and English says what the page shows: no more, no less.
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { LANGUAGES } from "../languages.ts"
import {
  differences,
  isMatch,
  leavesOf,
  missingKeys,
  type Texts,
  unusedKeys,
} from "./compare-texts.fixture.ts"
import { quotedTexts, textUses } from "./text-uses.fixture.ts"

const here = fileURLToPath(new URL(".", import.meta.url))
const source = fileURLToPath(new URL("..", import.meta.url))

/** English has none: its words are the server's, in the code. */
const SERVER = "server"

const namespaces = readdirSync(`${here}en`).map((name) => name.replace(/\.json$/, ""))
const read = (language: string, namespace: string): Texts =>
  leavesOf(JSON.parse(readFileSync(`${here}${language}/${namespace}.json`, "utf8")))
const english = new Map(namespaces.map((namespace) => [namespace, read("en", namespace)]))

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !/\.(test|fixture)\.ts$/.test(path))
  .map((path) => ({ path, text: readFileSync(`${source}${path}`, "utf8") }))
const others = Object.keys(LANGUAGES).filter((language) => language !== "en")

test("there are folders for the languages of the page, and no others", () => {
  const folders = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(LANGUAGES).sort())
})

describe.each(others)("%s", (language) => {
  test("has the files of English", () => {
    expect(readdirSync(`${here}${language}`).sort()).toEqual(
      [...readdirSync(`${here}en`), `${SERVER}.json`].sort(),
    )
  })

  test.each(namespaces)("%s says what English says", (namespace) => {
    expect(
      differences(language, {
        english: english.get(namespace) ?? new Map(),
        texts: read(language, namespace),
      }),
    ).toEqual([])
  })
})

describe("English", () => {
  test.each(namespaces)("%s has no empty text and every plural form", (namespace) => {
    const texts = english.get(namespace) ?? new Map()
    expect(differences("en", { english: texts, texts })).toEqual([])
  })

  test("has every text that the page shows", () => {
    expect(files.length).toBeGreaterThan(50)
    const missing = files.flatMap(({ path, text }) =>
      missingKeys(textUses(text), english).map((use) => `${path}: ${use}`),
    )
    expect(missing).toEqual([])
  })

  test("has no text that the page does not show", () => {
    const uses = files.flatMap(({ text }) => textUses(text))
    const quoted = new Set(files.flatMap(({ text }) => quotedTexts(text)))
    expect(unusedKeys(english, { uses, quoted })).toEqual([])
  })
})

describe("the check can fail", () => {
  const texts = (values: Record<string, unknown>) => leavesOf(values)
  const against = (language: string, en: Record<string, unknown>, own: Record<string, unknown>) =>
    differences(language, { english: texts(en), texts: texts(own) })

  test.each<[string, string, Record<string, unknown>, Record<string, unknown>, string[]]>([
    ["the same", "de", { a: "x {{n}}", b: { c: "y" } }, { a: "{{n}} z", b: { c: "w" } }, []],
    ["a missing text", "de", { a: "x", b: "y" }, { a: "x" }, ["b is missing"]],
    ["one too many", "de", { a: "x" }, { a: "x", b: "y" }, ["b is not in English"]],
    ["an empty one", "de", { a: "x" }, { a: " " }, ["a is empty"]],
    ["one that is no text", "de", { a: "x" }, { a: 1 }, ["a is empty"]],
    ["another variable", "de", { a: "{{name}}" }, { a: "{{nam}}" }, ["a has {{nam}}, English has {{name}}"]],
    ["a variable with its format", "de", { a: "{{n, number}}" }, { a: "{{n}}" }, []],
    [
      "a form that is wanting",
      "fr",
      { n_one: "{{count}}", n_other: "{{count}}s" },
      { n_one: "{{count}}", n_other: "{{count}}s" },
      ["n_many is missing"],
    ],
    [
      "a form too many",
      "zh",
      { n_one: "{{count}}", n_other: "{{count}}" },
      { n_one: "{{count}}", n_other: "{{count}}" },
      ["n_one is not in English"],
    ],
    [
      "one thing without its number",
      "ar",
      { n_one: "{{count}}", n_other: "{{count}}" },
      {
        n_zero: "none",
        n_one: "a",
        n_two: "two",
        n_few: "{{count}}",
        n_many: "{{count}}",
        n_other: "{{count}}",
      },
      [],
    ],
    [
      "many things without their number",
      "de",
      { n_one: "{{count}}", n_other: "{{count}}" },
      { n_one: "eins", n_other: "viele" },
      ["n_other has nothing, English has {{count}}"],
    ],
  ])("%s", (_, language, en, own, found) => {
    expect(against(language, en, own)).toEqual(found)
  })

  const known = new Map([
    ["chat", texts({ copy: "c", details: { a: "a" }, n_one: "1", n_other: "2" })],
    ["glossary", texts({ context: "x" })],
  ])

  test("a text that is shown and is not there", () => {
    const wanted = textUses(
      'const { t } = useTranslation("chat")\nt("copy"); t("n", { count }); t(`details.${x}`); t("kopy"); t(`none.${x}`); t("other:copy")',
    )
    expect(missingKeys(wanted, known)).toEqual(["chat:kopy", "chat:none.*", "other:copy"])
    expect(
      missingKeys(
        [
          { namespace: undefined, key: "context" },
          { namespace: undefined, key: "no" },
        ],
        known,
      ),
    ).toEqual(["?:no"])
  })

  test("a text that is there and is not shown", () => {
    const uses = textUses('const { t } = useTranslation("chat")\nt("n", { count }); t(`details.${x}`)')
    expect(unusedKeys(known, { uses, quoted: new Set() })).toEqual(["chat:copy", "glossary:context"])
    expect(unusedKeys(known, { uses, quoted: new Set(["copy", "context"]) })).toEqual([])
  })

  test("a star stands for one or more words", () => {
    expect([
      isMatch("a.*", "a.b"),
      isMatch("a.*", "a.b.c"),
      isMatch("a.*", "a"),
      isMatch("a.*.c", "a.b.c"),
      isMatch("a.b", "axb"),
    ]).toEqual([true, true, false, true, false])
  })
})
