import { describe, expect, it } from "vitest"
import { bufferSource } from "../byte-source.ts"
import { readHeader } from "../read-header.ts"
import { TINY_LIMITS } from "./limits.ts"
import { mutator } from "./mutants.ts"
import { buildTinyModel } from "./tiny-model.ts"
import { verdictOf } from "./verdict.ts"

const VALID = buildTinyModel({ layers: 2 })
const HEADER = await readHeader(bufferSource(VALID), { limits: TINY_LIMITS })

describe("mutants", () => {
  it("are the same for the same seed, and leave the original alone", () => {
    const before = VALID.slice()
    const one = mutator(VALID, HEADER)(17)
    const two = mutator(VALID, HEADER)(17)
    expect(one).toEqual(two)
    expect(VALID).toEqual(before)
  })

  it("break every kind of rule, and always a named one", async () => {
    const mutate = mutator(VALID, HEADER)
    const rules = new Set<string>()
    for (let seed = 0; seed < 600; seed++) rules.add((await verdictOf(mutate(seed).bytes)).rule)
    expect(rules.size).toBeGreaterThan(30)
    expect(rules).toContain("valid")
  })
})
