// Holds the house to its plan: the arrows between packages, the choke points, names, lengths and licences.
// The plan is data in `house/arrows.ts`, the rules are in `house/rules.ts`; here they meet the files, and are seen to fail.
import { existsSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import {
  ALLOWED_LICENCES,
  ARROWS,
  LONG_DATA_TABLES,
  LONGEST_README_LINES,
  NETWORK_GLOBALS,
  REVIEWED_INSTALL_SCRIPTS,
  REVIEWED_LICENCES,
} from "./house/arrows.ts"
import { isAllowedLicence, lockedPackages } from "./house/production-tree.ts"
import { readSource } from "./house/read-source.ts"
import {
  chokePointViolations,
  doorViolations,
  exportAllViolations,
  importViolations,
  lengthViolations,
  manifestViolations,
  nameViolations,
  ownerOf,
  undeclaredImports,
} from "./house/rules.ts"
import { packageFolders, ROOT, readFacts, readManifest, readText, sourceFiles } from "./house/walk-house.ts"

const present = Object.keys(ARROWS).filter((name) => ARROWS[name]?.later !== true)
const paths = sourceFiles("packages", "test", "scripts")
const files = paths.map(readFacts)

describe("the house", () => {
  test("has exactly the packages of the plan", () => {
    expect(packageFolders().sort()).toEqual(present.sort())
  })

  test("the walk finds the sources of every package", () => {
    const found = new Set(paths.map(ownerOf))
    for (const name of present) expect(found, `no source file of ${name} was found`).toContain(name)
    expect(files.flatMap((file) => file.imports).length).toBeGreaterThan(paths.length)
  })

  test("arrows point down", () => {
    const level = (name: string): number =>
      1 + Math.max(-1, ...(ARROWS[name]?.imports ?? []).map((below) => level(below)))
    for (const [name, row] of Object.entries(ARROWS))
      for (const below of row.imports) expect(level(below), `${name} → ${below}`).toBeLessThan(level(name))
  })

  test("imports follow the arrows", () => {
    expect(files.flatMap((file) => importViolations(file))).toEqual([])
  })

  test.each(present)("%s: package.json follows the arrows", (name) => {
    const manifest = readManifest(name)
    const own = files.filter((file) => ownerOf(file.path) === name)
    expect([
      ...manifestViolations(name, manifest),
      ...own.flatMap((file) => undeclaredImports(file, manifest)),
    ]).toEqual([])
  })

  test("sockets, processes and the environment have one door each", () => {
    expect(files.flatMap(chokePointViolations)).toEqual([])
  })

  test("nothing is exported by `export *`, and doors hold names only", () => {
    expect(files.flatMap((file) => [...exportAllViolations(file), ...doorViolations(file)])).toEqual([])
  })

  test("names say something", () => {
    expect(paths.flatMap(nameViolations)).toEqual([])
  })

  test("files are short", () => {
    const lengths = new Map(files.map((file) => [file.path, file.lines]))
    expect(lengthViolations(lengths, LONG_DATA_TABLES)).toEqual([])
  })

  test.each(present)("%s has a README of at most 40 lines", (name) => {
    const path = `packages/${name}/README.md`
    expect(existsSync(join(ROOT, path)), `${path} is missing`).toBe(true)
    expect(readText(path).trimEnd().split("\n").length).toBeLessThanOrEqual(LONGEST_README_LINES)
  })
})

describe("third parties", () => {
  const locked = lockedPackages()
  const shipped = locked.filter(({ development }) => !development)

  test("the lock file lists what we ship and what we develop with", () => {
    expect(shipped.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["zod", "koffi", "better-sqlite3"]),
    )
    expect(locked.filter(({ development }) => development).map(({ name }) => name)).toContain("vitest")
  })

  test("what we ship has a licence that we may ship", () => {
    const bad = shipped
      .filter(({ name }) => REVIEWED_LICENCES[name] === undefined)
      .filter(({ licence }) => licence === undefined || !isAllowedLicence(licence, ALLOWED_LICENCES))
    expect(bad.map(({ name, licence }) => `${name}: ${licence ?? "none declared"}`)).toEqual([])
  })

  test("every install script was read", () => {
    const scripts = locked.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name)
    expect(scripts.filter((name) => REVIEWED_INSTALL_SCRIPTS[name] === undefined)).toEqual([])
  })

  test("the repository names no registry", () => {
    expect(readText("package-lock.json")).not.toMatch(/"resolved": "http/)
  })
})

describe("the rules can fail", () => {
  const facts = (path: string, text: string) => readSource(path, text, NETWORK_GLOBALS)

  test.each([
    [
      "an upward import",
      "packages/gguf/src/x.ts",
      'import { createApp } from "@fireside/app"',
      "may import nothing",
    ],
    [
      "a sideways import",
      "packages/library/src/x.ts",
      'import { load } from "@fireside/engine"',
      "library may import",
    ],
    [
      "an upward import of a type",
      "packages/host/src/x.ts",
      'import type { App } from "@fireside/app"',
      "host may",
    ],
    [
      "an upward import in a type",
      "packages/host/src/x.ts",
      'type A = import("@fireside/app").App',
      "host may",
    ],
    [
      "a dynamic upward import",
      "packages/fit/src/x.ts",
      'const a = await import("@fireside/host")',
      "fit may",
    ],
    ["an upward re-export", "packages/fit/src/x.ts", 'export { a } from "@fireside/host"', "fit may"],
    [
      "a deep import",
      "packages/app/src/x.ts",
      'import { a } from "@fireside/gguf/src/half.ts"',
      "by their door",
    ],
    [
      "a way around the door",
      "packages/app/src/x.ts",
      'import { a } from "../../gguf/src/half.ts"',
      "by their door",
    ],
    [
      "a fake in the product",
      "packages/app/src/x.ts",
      'import { a } from "@fireside/gguf/testing"',
      "for tests",
    ],
    [
      "another's third party",
      "packages/app/src/x.ts",
      'import koffi from "koffi"',
      "koffi belongs to engine",
    ],
    ["an unknown third party", "packages/app/src/x.ts", 'import x from "left-pad"', "belongs to no package"],
    [
      "a required third party",
      "packages/app/src/x.ts",
      'const x = require("koffi")',
      "koffi belongs to engine",
    ],
    ["a test tool in the product", "packages/app/src/x.ts", 'import { test } from "vitest"', "for tests"],
    [
      "Node in the browser's packages",
      "packages/protocol/src/x.ts",
      'import { join } from "node:path"',
      "browser",
    ],
    [
      "Node at load in gguf",
      "packages/gguf/src/x.ts",
      'import { open } from "node:fs/promises"',
      "inside functions",
    ],
  ])("%s", (_, path, text, reason) => {
    expect(importViolations(facts(path, text))).toEqual([expect.stringContaining(reason)])
  })

  test("what is allowed passes", () => {
    const allowed = [
      facts("packages/app/src/x.ts", 'import { a } from "@fireside/engine"\nimport { b } from "./deep/b.ts"'),
      facts("packages/gguf/src/x.ts", 'async function f() { await import("node:fs/promises") }'),
      facts(
        "packages/app/src/x.test.ts",
        'import { a } from "@fireside/gguf/testing"\nimport { test } from "vitest"',
      ),
    ]
    expect(allowed.flatMap((file) => importViolations(file))).toEqual([])
  })

  test("a package.json with an upward, a foreign and a loose dependency", () => {
    const manifest = {
      ...readManifest("fit"),
      dependencies: { "@fireside/app": "0.1.0", zod: "4.6.7", koffi: "^3" },
    }
    expect(manifestViolations("fit", manifest)).toEqual([
      expect.stringContaining("may not depend on app"),
      expect.stringContaining("zod belongs to protocol"),
      expect.stringContaining("koffi belongs to engine"),
      expect.stringContaining("not an exact version"),
    ])
  })

  test("an import that package.json does not declare", () => {
    const file = facts("packages/app/src/x.ts", 'import { z } from "zod"')
    expect(undeclaredImports(file, { name: "@fireside/app" })).toHaveLength(1)
  })

  test.each([
    ["a socket", 'import { connect } from "node:net"', "only egress"],
    ["a lazy socket", 'const f = async () => import("https")', "only egress"],
    ["fetch", 'await fetch("https://example.org")', "uses fetch"],
    ["fetch by globalThis", 'await globalThis.fetch("https://example.org")', "uses fetch"],
    ["a web socket", 'new WebSocket("wss://example.org")', "uses WebSocket"],
    ["a process", 'import { spawn } from "node:child_process"', "through host"],
    ["the environment", "export const home = process.env.HOME", "process.env"],
    ["the environment by name", 'export const home = process["env"]', "process.env"],
    ["the environment taken apart", "const { env } = process", "process.env"],
    ["the environment imported", 'import { env } from "node:process"', "process.env"],
  ])("%s outside of its door", (_, text, reason) => {
    expect(chokePointViolations(facts("packages/library/src/x.ts", text))).toEqual([
      expect.stringContaining(reason),
    ])
  })

  test("a fetch that is passed in is not the global one", () => {
    const text = "export async function f(fetch: Fetch) { await fetch(1); await this.fetch(2) }"
    expect(chokePointViolations(facts("packages/library/src/x.ts", text))).toEqual([])
  })

  test("export * and a door with logic", () => {
    expect(exportAllViolations(facts("packages/fit/src/x.ts", 'export * from "./y.ts"'))).toHaveLength(1)
    expect(exportAllViolations(facts("packages/fit/src/x.ts", 'export * as y from "./y.ts"'))).toHaveLength(1)
    const door = facts("packages/fit/src/index.ts", 'export { a } from "./a.ts"\nexport const b = 1\n')
    expect(doorViolations(door)).toEqual([expect.stringContaining("index.ts:2")])
  })

  test("an empty name, as file and as folder", () => {
    expect(nameViolations("packages/fit/src/utils.ts")).toHaveLength(1)
    expect(nameViolations("packages/fit/src/helpers/x.ts")).toHaveLength(1)
    expect(nameViolations("packages/fit/src/helpful.ts")).toEqual([])
  })

  test("a long file, a table that grew, an exemption that is not needed", () => {
    const lengths = new Map([
      ["a.ts", 401],
      ["table.ts", 501],
      ["short.ts", 400],
    ])
    expect(lengthViolations(lengths, { "table.ts": 500, "short.ts": 450 })).toEqual([
      "a.ts: 401 lines, 400 are allowed",
      "table.ts: 501 lines, 500 are allowed",
      expect.stringContaining("short.ts: needs no exemption"),
    ])
  })

  test("licences", () => {
    expect(isAllowedLicence("(MIT OR GPL-3.0)", ALLOWED_LICENCES)).toBe(true)
    expect(isAllowedLicence("MIT AND Zlib", ALLOWED_LICENCES)).toBe(true)
    expect(isAllowedLicence("MIT AND GPL-3.0", ALLOWED_LICENCES)).toBe(false)
    expect(isAllowedLicence("AGPL-3.0", ALLOWED_LICENCES)).toBe(false)
  })
})
