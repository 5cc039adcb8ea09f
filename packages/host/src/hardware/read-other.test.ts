import { expect, test } from "vitest"
import { readOther, type SystemInformation } from "./read-other.ts"

const mac: SystemInformation = {
  cpu: async () => ({ manufacturer: "Apple", brand: "M2", physicalCores: 8 }),
  cpuFlags: async () => "",
  mem: async () => ({ total: 16 * 2 ** 30, available: 20 * 2 ** 30 }),
  battery: async () => ({ hasBattery: true, acConnected: false }),
}

test("a laptop with an ARM processor", async () => {
  const facts = await readOther(mac, "arm64")
  expect(facts).toMatchObject({
    cpuModel: "Apple M2",
    cpuFeatures: ["neon"],
    physicalCores: 8,
    availableMemoryBytes: 16 * 2 ** 30,
    onBattery: true,
  })
  expect(facts.usableCpus[0]).toBe(0)
})

test("what the tools do not know is filled in", async () => {
  const silent: SystemInformation = {
    cpu: async () => ({ manufacturer: "", brand: "", physicalCores: 0 }),
    cpuFlags: async () => "AVX2 fma",
    mem: async () => ({ total: 0, available: 0 }),
    battery: async () => Promise.reject(new Error("no tool")),
  }
  const facts = await readOther(silent, "x64")
  expect(facts).toMatchObject({ cpuModel: "unknown", cpuFeatures: ["avx2", "fma"], onBattery: null })
  expect(facts.physicalCores).toBeGreaterThan(0)
  expect(facts.totalMemoryBytes).toBeGreaterThan(0)
})
