// The guide says what is so: its links lead somewhere, its names are those of the code.
import { existsSync, readdirSync, statSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { ERROR_CODES, SAMPLING_DEFAULTS, SamplingOptions } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import glossary from "../../locales/en/glossary.json" with { type: "json" }
import help from "../../locales/en/help.json" with { type: "json" }
import { GLOSSARY_TERMS } from "./glossary-terms.ts"
import { findGuideImage, findGuidePage, GUIDE_PAGES } from "./guide-pages.ts"
import { sectionsOf } from "./guide-sections.ts"
import { guideTarget } from "./guide-target.ts"

const docs = fileURLToPath(new URL("../../../../../docs", import.meta.url))
const ids = GUIDE_PAGES.map(({ id }) => id)
const guide = GUIDE_PAGES.filter(({ group }) => group === "guide")
const textOf = (id: string): string => findGuidePage(id)?.text ?? ""
const anchorsOf = (id: string): readonly string[] => sectionsOf(textOf(id)).map(({ anchor }) => anchor)

test("every page of docs/guide is in the product, and each has a title", () => {
  const files = readdirSync(`${docs}/guide`).filter((name) => name.endsWith(".md"))
  expect(guide.map(({ id }) => `${id}.md`).sort()).toEqual(files.sort())
  expect(ids).toEqual(expect.arrayContaining(["cli", "settings", "errors", "security"]))
  for (const { title } of GUIDE_PAGES) expect(title).not.toBe("")
})

test.each(ids)("%s: no heading twice", (id) => {
  const anchors = anchorsOf(id)
  expect(anchors.filter((anchor, at) => anchors.indexOf(anchor) !== at)).toEqual([])
})

describe("links", () => {
  const links = guide.flatMap(({ id, text }) =>
    [...text.matchAll(/(!?)\[[^\]]*\]\(([^)]*)\)/g)].map(([, sign, href = ""]) => ({ id, sign, href })),
  )

  test("there are some", () => {
    expect(links.length).toBeGreaterThan(20)
  })

  test("each leads to a page and a heading that are there", () => {
    for (const { id, sign, href } of links.filter((link) => link.sign === "")) {
      const target = guideTarget(href, ids)
      expect(target.type, `${id}${sign}: ${href}`).not.toBe("none")
      if (target.type === "page" && target.anchor !== "")
        expect(anchorsOf(target.page), `${id}: ${href}`).toContain(target.anchor)
      if (!href.startsWith("http"))
        expect(existsSync(`${docs}/guide/${href.replace(/#.*/, "")}`), `${id}: ${href}`).toBe(true)
    }
  })

  test("each picture is there, small enough, and shown", () => {
    const named = links.filter(({ sign }) => sign === "!").map(({ href }) => href)
    expect(named.length).toBeGreaterThan(0)
    for (const href of named) {
      expect(href).toMatch(/^images\/[a-z-]+-light\.png$/)
      expect(existsSync(`${docs}/guide/${href}`), href).toBe(true)
      expect(statSync(`${docs}/guide/${href}`).size, href).toBeLessThanOrEqual(120_000)
      expect(findGuideImage(href), href).toBeDefined()
    }
    const stored = readdirSync(`${docs}/guide/images`).map((name) => `images/${name}`)
    expect(stored.length).toBeLessThanOrEqual(10)
    // One that no page names would be forgotten here.
    expect(stored.filter((path) => !named.includes(path))).toEqual([])
  })
})

describe("parameters", () => {
  const lines = [...textOf("parameters").matchAll(/^`(\w+)` · default (.+?) · safe (.+)$/gm)]
  const told = new Map(lines.map(([, name = "", value = ""]) => [name, value]))

  test("all are told, and no others", () => {
    expect([...told.keys()].sort()).toEqual(Object.keys(SamplingOptions.shape).sort())
  })

  test.each(Object.entries(SAMPLING_DEFAULTS))("%s has the default %j", (name, value) => {
    const text = Array.isArray(value)
      ? `\`${value.map((it: string) => (it === "\n" ? "\\n" : it)).join(" ")}\``
      : typeof value === "number"
        ? String(value)
        : "none"
    expect(told.get(name)).toBe(text)
  })

  test.each(lines.map(([, name = "", , safe = ""]) => [name, safe]))(
    "the safe range of %s is allowed: %s",
    (name, safe) => {
      for (const bound of safe.match(/-?\d+(\.\d+)?/g) ?? []) {
        const value = name === "logitBias" ? { 1: Number(bound) } : Number(bound)
        if (name !== "drySequenceBreakers")
          expect(SamplingOptions.safeParse({ [name]: value }).success).toBe(true)
      }
    },
  )
})

test("every error that the guide names is one", () => {
  const codes = Object.keys(ERROR_CODES)
  const named = [...textOf("trouble").matchAll(/\*\*((?:`[a-z-]+`(?:, )?)+)\*\*|^((?:`[a-z-]+`(?:, )?)+):/gm)]
    .flatMap(([text]) => [...text.matchAll(/`([a-z-]+)`/g)])
    .map(([, code = ""]) => code)
  expect(named.length).toBeGreaterThan(15)
  for (const code of named) expect(codes, code).toContain(code)
})

test("every command and setting that the guide names is one", () => {
  const commands = [...textOf("cli").matchAll(/^\| \[`(fireside[\w -]*)`\]/gm)].map(([, name = ""]) => name)
  const flags = new Set(textOf("cli").match(/--[\w-]+/g))
  const settings = [...textOf("settings").matchAll(/^\| `([\w.]+)` \|/gm)].map(([, name = ""]) => name)
  for (const { id, text } of guide) {
    for (const [words] of text.matchAll(/(?<=^|`|&& )fireside [a-z]+(?: [a-z]+)?/gm)) {
      const [, command = "", next = ""] = words.split(" ")
      const known = commands.some(
        (it) => it === `fireside ${command}` || it === `fireside ${command} ${next}`,
      )
      expect(known, `${id}: ${words}`).toBe(true)
    }
    for (const [line] of text.matchAll(/fireside [^`\n]*--[^`\n]*/g))
      for (const flag of line.match(/(?<= )--[a-z][\w-]*/g) ?? [])
        expect(flags, `${id}: ${line}`).toContain(flag)
    for (const [, name] of text.matchAll(/fireside config set (\w[\w.]*)/g))
      expect(settings, id).toContain(name)
  }
})

test("every word of the glossary has its name and its sentence", () => {
  expect(Object.keys(glossary).sort()).toEqual([...GLOSSARY_TERMS].sort())
  expect(Object.keys(help.terms).sort()).toEqual([...GLOSSARY_TERMS].sort())
})
