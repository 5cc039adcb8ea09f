// 200 mutants in every run; 2,000 by hand or before a release: `node test/faults/gguf-mutants.ts`.

import { describe, expect, it } from "vitest"
import { describeReport, runMutants } from "./gguf-mutants.ts"

describe("damaged models", () => {
  it("never harm the gateway, and those that the validator accepts crash no child", {
    timeout: 120_000,
  }, async () => {
    const count = 200
    const report = await runMutants({ count })
    const { counts } = report
    const verdicts = Object.values(counts).reduce((sum, value) => sum + value, 0)
    const page = describeReport(report)
    expect(verdicts, page).toBe(count)
    expect(report.unnamed, page).toEqual([])
    expect((counts.crashed + counts.hung) / count, page).toBeLessThanOrEqual(0.002)
    // The check is worth something only if some mutants got as far as native code and ran there.
    expect(counts.ran, page).toBeGreaterThan(5)
  })

  it("do crash children when nothing stands before them, which shows that a crash is seen", {
    timeout: 120_000,
  }, async () => {
    const { counts } = await runMutants({ count: 60, first: 280, validate: false })
    expect(counts.crashed).toBeGreaterThan(0)
    expect(counts.refused).toBe(0)
  })
})
