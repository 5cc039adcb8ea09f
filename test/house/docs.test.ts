// The reference pages are those of the code, and the check of it can fail.
import { spawnSync } from "node:child_process"
import { appendFileSync, cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { ROOT, readText } from "./walk-house.ts"

const reference = join(ROOT, "docs", "reference")
let copy: string

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "fireside-docs-"))
})

afterAll(() => rmSync(copy, { recursive: true, force: true }))

function check(folder: string): { code: number | null; errors: string } {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, "scripts", "docs", "main.ts"), "--check", folder],
    { encoding: "utf8" },
  )
  return { code: status, errors: stderr }
}

describe("docs/reference", () => {
  test("is what the code says now", () => {
    expect(check(reference)).toEqual({ code: 0, errors: "" })
  })

  test("a changed page, a missing page and a page of nobody's are named", () => {
    cpSync(reference, copy, { recursive: true })
    appendFileSync(join(copy, "cli.md"), "by hand\n")
    rmSync(join(copy, "errors.md"))
    writeFileSync(join(copy, "old.md"), "")
    const { code, errors } = check(copy)
    expect(code).toBe(1)
    expect(errors.match(/^\S+/gm)).toEqual(["cli.md", "errors.md", "old.md"])
  })
})

describe("written pages", () => {
  const pages = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    ...readdirSync(join(ROOT, "docs", "decisions")).map((name) => `docs/decisions/${name}`),
    ...readdirSync(join(ROOT, "docs", "flows")).map((name) => `docs/flows/${name}`),
  ]

  test("decision records are numbered without gaps, and each has its four parts", () => {
    const records = pages.filter((page) => page.startsWith("docs/decisions/")).sort()
    expect(records.map((page) => Number(page.slice("docs/decisions/".length).slice(0, 4)))).toEqual(
      records.map((_, index) => index + 1),
    )
    for (const page of records)
      for (const part of ["Context", "Decision", "Consequences", "Turned down"])
        expect(readText(page), page).toContain(`**${part}.**`)
  })

  test("every verb of package.json is in CONTRIBUTING.md", () => {
    const { scripts } = JSON.parse(readText("package.json"))
    for (const name of Object.keys(scripts))
      expect(readText("CONTRIBUTING.md")).toMatch(new RegExp(`\`npm (run )?${name}\``))
  })

  test("the README's tree names every package", () => {
    for (const name of readdirSync(join(ROOT, "packages")))
      expect(readText("README.md")).toContain(`packages/${name} `)
  })

  test("links lead to files that are there", () => {
    for (const page of pages)
      for (const [, target = ""] of readText(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
        const path = join(page, "..", target)
        expect(() => readdirOrFile(path), `${page} → ${target}`).not.toThrow()
      }
  })

  test("files that the flows name are there", () => {
    const named = pages
      .filter((page) => page.startsWith("docs/flows/"))
      .flatMap((page) => [
        ...readText(page).matchAll(/`((?:app|cli|engine|library|host|gguf|fit|egress)\/[\w/.-]+\.ts)`/g),
      ])
      .map(([, path = ""]) => path.replace(/^([^/]+)\/(?!src\/)/, "$1/src/"))
    expect(named.length).toBeGreaterThan(5)
    for (const path of named) expect(() => readText(`packages/${path}`), path).not.toThrow()
  })
})

function readdirOrFile(path: string): void {
  try {
    readText(path)
  } catch {
    readdirSync(join(ROOT, path))
  }
}
