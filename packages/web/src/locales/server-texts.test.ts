// What the server says in English has its words in every other language: each setting, each model of the catalogue, each error that can
// be met in the page, and nothing that is no more.
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { AppError, ERROR_CODES } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { LANGUAGES } from "../languages.ts"
import { type ServerTexts, serverWords } from "../server-words.ts"

const root = fileURLToPath(new URL("../../../..", import.meta.url))
const languages = Object.keys(LANGUAGES).filter((language) => language !== "en")
const textsOf = (language: string): ServerTexts =>
  JSON.parse(readFileSync(`${root}packages/web/src/locales/${language}/server.json`, "utf8"))

// The table of settings and the catalogue belong to packages that the page knows nothing of; these say what is in them.
const settings = [
  ...readFileSync(`${root}docs/reference/settings.md`, "utf8").matchAll(/^\| `([\w.]+)` \|/gm),
].map(([, key = ""]) => key)
const catalogue = [
  ...readFileSync(`${root}packages/library/src/catalogue-data.ts`, "utf8").matchAll(/^ {4}name: "([^"]+)"/gm),
].map(([, name = ""]) => name)
const unset = [
  ...readFileSync(`${root}packages/host/src/config/settings.ts`, "utf8").matchAll(
    /^ {2}"?([\w.]+)"?: (optional|defaulted)\(/gm,
  ),
]
  .filter(([, , kind]) => kind === "optional")
  .map(([, key = ""]) => key)

const findings = textsIn("FINDINGS")
const advice = textsIn("ADVICE")

/** Texts of a table of the doctor's, by their codes. */
function textsIn(table: string): ReadonlyMap<string, string> {
  const source = readFileSync(`${root}packages/app/src/doctor-findings.ts`, "utf8")
  const body = source.slice(source.indexOf(`const ${table} = {`))
  const entries = body.slice(0, body.indexOf("\n}")).matchAll(/^ {2}"?([\w-]+)"?:\s+"(.*)",$/gm)
  return new Map([...entries].map(([, code = "", text = ""]) => [code, text]))
}
const placesOf = (text: string) => [...text.matchAll(/\{\{\w+\}\}/g)].map(([place]) => place).sort()

/** Only a terminal, or a program that speaks the API by itself, is told these. */
const NOT_IN_THE_PAGE = [
  "usage",
  "consent-needed",
  "program-missing",
  "method-not-allowed",
  "unsupported-media-type",
  "bad-config",
  "cache-off",
]

test("there is something to compare with", () => {
  expect(settings.length).toBeGreaterThan(30)
  expect(catalogue.length).toBeGreaterThan(20)
  expect(unset.length).toBeGreaterThan(10)
  expect(findings.size).toBeGreaterThan(25)
  expect(advice.size).toBeGreaterThan(7)
  for (const code of NOT_IN_THE_PAGE) expect(Object.keys(ERROR_CODES)).toContain(code)
})

describe.each(languages)("%s", (language) => {
  const texts = textsOf(language)

  test("each setting has its meaning, and what happens when it is not set", () => {
    expect(Object.keys(texts.settings).sort()).toEqual([...settings].sort())
    const otherwise = Object.entries(texts.settings).filter(([, words]) => words.otherwise !== undefined)
    expect(otherwise.map(([key]) => key).sort()).toEqual([...unset].sort())
  })

  test("each model of the catalogue has what it is good for", () => {
    expect(Object.keys(texts.models).sort()).toEqual([...catalogue].sort())
  })

  test("each error that the page can meet has its sentence and the next step", () => {
    const codes = Object.keys(ERROR_CODES).filter((code) => !NOT_IN_THE_PAGE.includes(code))
    expect(Object.keys(texts.errors).sort()).toEqual(codes.sort())
    for (const [code, { hint }] of Object.entries(texts.errors)) expect(hint, code).not.toBeUndefined()
  })

  test.each([
    ["findings", findings],
    ["advice", advice],
  ] as const)("the doctor's %s are there, and name what the English ones name", (part, english) => {
    expect(Object.keys(texts[part]).sort()).toEqual([...english.keys()].sort())
    for (const [code, text] of Object.entries(texts[part]))
      expect(placesOf(text), code).toEqual(placesOf(english.get(code) ?? ""))
  })

  test("no text is empty, English, or like another", () => {
    const all = [
      ...Object.values(texts.settings).map(({ meaning }) => meaning),
      ...Object.values(texts.models),
      ...Object.values(texts.errors).map(({ message }) => message),
      ...Object.values(texts.findings),
    ]
    const meanings = Object.values(ERROR_CODES).map(({ meaning }) => meaning)
    for (const text of all) {
      expect(text.trim()).not.toBe("")
      expect(meanings).not.toContain(text)
    }
    expect(all.filter((text, at) => all.indexOf(text) !== at)).toEqual([])
  })
})

describe("the words of what the server says", () => {
  const german = serverWords(textsOf("de"), "de")
  const english = serverWords(undefined, "en")
  const full = new AppError("disk-full", { message: "12 GB are needed.", hint: "Make room." })
  const port = { key: "port", description: "Port.", otherwise: undefined }

  test("English is the server's own", () => {
    expect(english.error(full)).toEqual({
      message: "12 GB are needed.",
      hint: "Make room.",
      detail: undefined,
    })
    expect(english.setting(port)).toEqual({ description: "Port.", otherwise: undefined })
    expect(english.goodFor({ name: "qwen3:4b", goodFor: "Tools." })).toBe("Tools.")
  })

  test("another language has its own, and the server's beneath", () => {
    expect(german.error(full)).toEqual({
      message: textsOf("de").errors["disk-full"]?.message,
      hint: textsOf("de").errors["disk-full"]?.hint,
      detail: "12 GB are needed. Make room.",
    })
    expect(german.setting(port).description).toContain("lauscht")
    expect(german.goodFor({ name: "qwen3:4b", goodFor: "Tools." })).toContain("Laptop")
  })

  test.each<[unknown, string]>([
    [new Error("It broke."), "It broke."],
    [{ code: "novel", message: "New." }, "New."],
    ["plain", "plain"],
    [null, "null"],
    [{ message: 1 }, "[object Object]"],
  ])("what has no words stays as it is: %j", (error, message) => {
    expect(german.error(error)).toEqual({ message, hint: undefined, detail: undefined })
  })

  test("what the doctor found has its values in the reader's form; a look that failed is an error", () => {
    const disk = {
      id: "disk",
      ok: false,
      level: "warning",
      message: "1.4 GiB free of 9.3 GiB",
      hint: "Models need from 0.1 to 20 GB each.",
      code: "disk",
      advice: "model-sizes",
      values: { freeBytes: 1_500_000_000, totalBytes: 1e10 },
    } as const
    expect(german.finding(disk)).toEqual({
      message: "1,5\u00a0GB von 10\u00a0GB frei",
      hint: textsOf("de").advice["model-sizes"],
      detail: undefined,
    })
    expect(english.finding(disk)).toEqual({ message: disk.message, hint: disk.hint, detail: undefined })
    const folder = { ...disk, code: "open-folder", advice: "own-folder", values: { path: "/h" } }
    const arabic = serverWords(textsOf("ar"), "ar").finding(folder)
    // Isolated, for the slash would change sides; what is copied is as it was.
    expect(arabic.message).toContain("\u2066/h\u2069")
    expect(arabic.hint).toBe("chmod -R go= /h")
    const failed = { ...disk, code: "disk-full", advice: undefined, values: undefined }
    expect(german.finding(failed)).toEqual(german.error(failed))
  })

  test("what is not known stays in English", () => {
    const novel = { key: "novel", description: "New.", otherwise: "nothing" }
    expect(german.setting(novel)).toEqual({ description: "New.", otherwise: "nothing" })
    expect(german.goodFor({ name: "hf:x/y", goodFor: "" })).toBe("")
  })
})
