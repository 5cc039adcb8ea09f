import { AppError } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { type DoctorProbes, examine } from "./doctor.ts"
import { HARDWARE, HEALTHY_PROBES } from "./testing.ts"

const never = new AbortController().signal
const look = (change: Partial<DoctorProbes>) => examine({ ...HEALTHY_PROBES, ...change }, never)
const check = async (id: string, change: Partial<DoctorProbes>) =>
  (await look(change)).checks.find((it) => it.id === id)

test("a healthy machine has no failing check", async () => {
  const report = await look({})
  expect(report.ok).toBe(true)
  expect(report.checks.every((it) => it.ok)).toBe(true)
  expect(report.checks.map((it) => it.id)).toEqual([
    "versions",
    "processor",
    "memory",
    "disk",
    "engine",
    "engine",
    "kernels",
    "data-folder",
    "models",
    "sandbox",
    "lock",
    "ledger",
  ])
})

describe("what is wrong is told, with what to do", () => {
  test("a failed self-test is an error with its hint, and the others are still looked at", async () => {
    const error = new AppError("engine-missing", { message: "libllama is missing.", hint: "npm install" })
    const report = await look({ selfTest: () => Promise.reject(error) })
    expect(report.ok).toBe(false)
    expect(report.checks).toHaveLength(11)
    expect(report.checks.find((it) => it.id === "engine")).toEqual({
      id: "engine",
      ok: false,
      level: "error",
      message: "libllama is missing.",
      hint: "npm install",
      code: "engine-missing",
    })
  })

  const versions = HEALTHY_PROBES.versions()
  test.each([
    ["2.33", false],
    ["2.34", true],
    ["3.0", true],
    ["1.99", false],
  ])("glibc %s: %s", async (glibc, ok) => {
    expect(await check("versions", { versions: () => ({ ...versions, glibc }) })).toMatchObject({ ok })
  })

  test("little memory and little disk are warnings", async () => {
    const hardware = async () => ({ ...HARDWARE, availableMemoryBytes: 2 ** 29, diskFreeBytes: 2 ** 30 })
    expect(await check("memory", { hardware })).toMatchObject({ ok: false, level: "warning" })
    expect(await check("disk", { hardware })).toMatchObject({ ok: false, level: "warning" })
    expect((await look({ hardware })).ok).toBe(true)
  })

  test("a processor without vector extensions, and an engine without a device, say so", async () => {
    const hardware = async () => ({ ...HARDWARE, cpuFeatures: [] })
    expect(await check("processor", { hardware })).toMatchObject({
      level: "warning",
      message: expect.stringMatching(/; no vector extensions known$/),
    })
    const selfTest = async () => ({ libraryVersion: "v1", devices: [], durationMs: 1 })
    expect((await check("engine", { selfTest }))?.message).toContain("(no device)")
  })

  test("a limit of the cgroup is named", async () => {
    const hardware = async () => ({ ...HARDWARE, memoryLimitBytes: 4 * 2 ** 30 })
    expect((await check("memory", { hardware }))?.message).toContain("limited to 4.0 GiB")
  })

  test("a broken ledger is an error", async () => {
    expect(await check("ledger", { ledger: async () => ({ entries: 5, brokenAt: 3 }) })).toMatchObject({
      ok: false,
      level: "error",
    })
  })

  test("an open data folder, broken models and a missing sandbox are warnings", async () => {
    expect(
      await check("data-folder", { dataFolder: async () => ({ path: "/h", exists: true, private: false }) }),
    ).toMatchObject({
      level: "warning",
      hint: "chmod -R go= /h",
    })
    // Each model with what can be promised of it.
    const models = async () => ({ count: 2, broken: ["a"], deterministic: [], undetermined: [] })
    expect(await check("models", { models })).toMatchObject({ level: "warning" })
    expect(await check("models", { models })).toMatchObject({
      code: "broken-model",
      advice: "pull-again",
      values: { name: "a" },
    })
    expect(await check("sandbox", { sandbox: async () => "none" })).toMatchObject({ level: "warning" })
  })

  test("graphics processors are named with their memory", async () => {
    const gpu = {
      name: "CUDA0",
      description: "Big card",
      kind: "gpu",
      memoryBytes: 8 * 2 ** 30,
      freeMemoryBytes: 7 * 2 ** 30,
    } as const
    const selfTest = async () => ({ libraryVersion: "v1", devices: [gpu], durationMs: 1 })
    const messages = (await look({ selfTest })).checks
      .filter((it) => it.id === "engine")
      .map((it) => it.message)
    expect(messages[1]).toBe("Big card: 8.0 GiB, 7.0 GiB free")
  })

  test("an interrupted look ends the whole", async () => {
    const stopped = AbortSignal.abort(new AppError("interrupted", { message: "x" }))
    const failing = { ...HEALTHY_PROBES, selfTest: () => Promise.reject(new Error("aborted")) }
    await expect(examine(failing, stopped)).rejects.toMatchObject({ code: "interrupted" })
  })
})
