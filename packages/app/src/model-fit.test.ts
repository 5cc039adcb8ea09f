import { estimateShape, rateSpeed, readShape } from "@fireside/fit"
import { createFakeClock } from "@fireside/host/testing"
import { describe, expect, test } from "vitest"
import { createFitJudge } from "./model-fit.ts"
import { createFakeApp, createFakeParts, FAKE_FIT, fakeStored, HARDWARE } from "./testing.ts"

const never = new AbortController().signal
const GIB = 2 ** 30
const FIT = { ...FAKE_FIT, estimateShape, rateSpeed, readShape }
const outline = (parameters: number, approximateSizeBytes: number) => ({
  parameters,
  approximateSizeBytes,
  contextLength: 8_192,
})
const judgeOn = (hardware = HARDWARE) =>
  createFitJudge(createFakeParts({ clock: createFakeClock(), fit: FIT, hardware: async () => hardware }))

describe("a model that is not here", () => {
  test.each([
    ["small", outline(135e6, 105e6), "fits"],
    ["large", outline(14e9, 9e9), "slow"],
    ["huge", outline(72e9, 45e9), "will-not-fit"],
  ] as const)("%s", async (_, model, label) => {
    const fit = (await judgeOn()).judge(model, undefined)
    expect(fit).toMatchObject({ label, hasDiskRoom: true })
    expect(fit?.reasons.length).toBeGreaterThan(0)
    const isLarger = (fit?.neededBytes ?? 0) > (fit?.availableBytes ?? 0)
    expect(isLarger).toBe(label === "will-not-fit")
    expect((fit?.expectedTokensPerSecond ?? 0) > 0).toBe(label !== "will-not-fit")
  })

  test("without a size is judged by its weights, and without those not at all", async () => {
    const fit = await judgeOn()
    const byWeights = fit.judge(outline(1.5e9, 0), undefined)
    expect(byWeights).toEqual(fit.judge(outline(1.5e9, 0.9e9), undefined))
    expect(fit.judge(outline(0, 0), undefined)).toBeNull()
  })

  test("needs room on the disk", async () => {
    const fit = await judgeOn({ ...HARDWARE, diskFreeBytes: 3 * GIB })
    expect(fit.judge(outline(1e9, 1 * GIB), undefined)?.hasDiskRoom).toBe(true)
    expect(fit.judge(outline(1e9, 1 * GIB + 1), undefined)?.hasDiskRoom).toBe(false)
  })
})

test("one that is here is judged by its header, and its file has its room", async () => {
  const seen: unknown[] = []
  const fit = await createFitJudge(
    createFakeParts({
      clock: createFakeClock(),
      fit: {
        ...FIT,
        rateSpeed(shape, ...rest) {
          seen.push(shape)
          return FAKE_FIT.rateSpeed(shape, ...rest)
        },
      },
      hardware: async () => ({ ...HARDWARE, diskFreeBytes: 0 }),
    }),
  )
  const stored = fakeStored()
  expect(fit.judge(outline(72e9, 45e9), stored)).toMatchObject({ label: "fits", hasDiskRoom: true })
  expect(seen).toEqual([readShape(stored.header)])
})

test("a search and the first run say how each suits the machine", async () => {
  await using world = await createFakeApp({ fit: FIT })
  world.library.models.set("tiny:1m", fakeStored({ name: "tiny:1m" }))
  const found = await world.app.models.search("", { remote: false }, never)
  expect(found.map(({ name, installed, fit }) => [name, installed, fit?.label])).toEqual([
    // By its header, which in a fake says nothing.
    ["tiny:1m", true, "slow"],
    ["large:1b", false, "fits"],
  ])
  const { candidates } = await world.app.firstRun(never)
  expect(candidates[0]?.fit).toMatchObject({ label: "fits", hasDiskRoom: true })
})
