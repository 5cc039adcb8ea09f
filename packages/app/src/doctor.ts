// What `doctor` looks at, each look as one check: a failing look is a line of the report, never the end of it.
import type { KernelSpeeds } from "@fireside/fit"
import type { SandboxLevel } from "@fireside/host"
import {
  type ComputeDevice,
  type DoctorReport,
  type HardwareFacts,
  type LockState,
  toErrorBody,
} from "@fireside/protocol"

import { error, type Finding, info, warning } from "./doctor-findings.ts"

type Check = DoctorReport["checks"][number]

export interface SelfTest {
  readonly libraryVersion: string
  readonly devices: readonly ComputeDevice[]
  readonly durationMs: number
}

/** What the machine and the other parts know. Each may throw; that becomes the check's message. */
export interface DoctorProbes {
  versions(): {
    readonly fireside: string
    readonly node: string
    readonly platform: string
    readonly glibc: string | undefined
  }
  hardware(): Promise<HardwareFacts>
  /** Who may read the data folder, and can it be written? Throws when not. */
  dataFolder(): Promise<{ readonly path: string; readonly exists: boolean; readonly private: boolean }>
  /** Undefined for an engine without native code. */
  selfTest(signal: AbortSignal): Promise<SelfTest | undefined>
  /** Undefined for an engine without kernels. */
  kernels(signal: AbortSignal): Promise<KernelSpeeds | undefined>
  lock(): Promise<LockState>
  sandbox(): Promise<SandboxLevel>
  ledger(): Promise<{ readonly entries: number; readonly brokenAt: number | null }>
  models(): Promise<{
    readonly count: number
    readonly broken: readonly string[]
    /** Those that can be loaded in deterministic mode, and the others with what stands in the way. */
    readonly deterministic: readonly string[]
    readonly undetermined: readonly { readonly name: string; readonly why: string }[]
  }>
}

type Look = (probes: DoctorProbes, signal: AbortSignal) => Promise<readonly Finding[]>

/** llama.cpp's prebuilt libraries are linked against this one. */
const OLDEST_GLIBC = [2, 34] as const
const LOW_DISK_BYTES = 5 * 2 ** 30
const LOW_MEMORY_BYTES = 1 * 2 ** 30

const LOOKS: Readonly<Record<string, Look>> = {
  versions: async (probes) => {
    const { fireside, node, platform, glibc } = probes.versions()
    if (glibc === undefined) return [info("versions", { fireside, node, platform })]
    const [major = 0, minor = 0] = glibc.split(".").map(Number)
    const isOld = major < OLDEST_GLIBC[0] || (major === OLDEST_GLIBC[0] && minor < OLDEST_GLIBC[1])
    if (isOld)
      return [error({ code: "old-glibc", values: { glibc, needed: OLDEST_GLIBC.join(".") } }, "newer-system")]
    return [info("versions", { fireside, node, platform: `${platform}, glibc ${glibc}` })]
  },
  processor: async (probes) => {
    const { cpuModel, physicalCores, usableCpus, cpuFeatures } = await probes.hardware()
    const values = {
      name: cpuModel.trim(),
      cores: physicalCores,
      usable: usableCpus.length,
      features: cpuFeatures.join(" "),
    }
    const code = cpuFeatures.length === 0 ? "plain-processor" : "processor"
    const isFast = cpuFeatures.some((feature) => /^(avx2|avx512f?|neon|asimd|sve)$/i.test(feature))
    return [isFast ? info(code, values) : warning({ code, values }, "slow-processor")]
  },
  memory: async (probes) => {
    const {
      totalMemoryBytes: totalBytes,
      availableMemoryBytes: freeBytes,
      memoryLimitBytes: limitBytes,
    } = await probes.hardware()
    const code = limitBytes < totalBytes ? "limited-memory" : "memory"
    const values = { totalBytes, freeBytes, limitBytes }
    const isLow = Math.min(freeBytes, limitBytes) < LOW_MEMORY_BYTES
    return [isLow ? warning({ code, values }, "close-programs") : info(code, values)]
  },
  disk: async (probes) => {
    const { diskFreeBytes: freeBytes, diskTotalBytes: totalBytes } = await probes.hardware()
    const values = { freeBytes, totalBytes }
    const isLow = freeBytes < LOW_DISK_BYTES
    return [isLow ? warning({ code: "disk", values }, "model-sizes") : info("disk", values)]
  },
  engine: async (probes, signal) => {
    const selfTest = await probes.selfTest(signal)
    if (selfTest === undefined) return [info("echo-engine")]
    const { libraryVersion: version, devices, durationMs } = selfTest
    const passed = info(devices.length === 0 ? "engine-without-device" : "engine", {
      version,
      devices: devices.map((it) => it.name).join(", "),
      ms: Math.round(durationMs),
    })
    const gpus = devices.filter((it) => it.kind !== "cpu")
    if (gpus.length === 0) return [passed, info("no-gpu")]
    return [
      passed,
      ...gpus.map(({ name, description, memoryBytes, freeMemoryBytes: freeBytes }) =>
        info("gpu", { name: description || name, memoryBytes, freeBytes }),
      ),
    ]
  },
  kernels: async (probes, signal) => {
    const speeds = await probes.kernels(signal)
    if (speeds === undefined) return [info("no-kernels")]
    const giga = (value: number): string => (value / 1e9).toFixed(1).padStart(6)
    const rows = Object.entries(speeds.types).map(([type, speed]) =>
      info("kernel", {
        type: type.padEnd(4),
        prompts: giga(speed.prefillWeightsPerSecond),
        answers: giga(speed.decodeWeightsPerSecond),
      }),
    )
    return [info("kernels"), ...rows]
  },
  "data-folder": async (probes) => {
    const { path, exists, private: isPrivate } = await probes.dataFolder()
    if (!exists) return [info("new-folder", { path })]
    return [
      isPrivate
        ? info("own-folder", { path })
        : warning({ code: "open-folder", values: { path } }, "own-folder"),
    ]
  },
  models: async (probes) => {
    const { count, broken, deterministic, undetermined } = await probes.models()
    const modes = [
      ...(deterministic.length === 0 ? [] : [info("deterministic", { names: deterministic.join(", ") })]),
      ...undetermined.map(({ name, why }) => info("not-deterministic", { name, why })),
    ]
    if (broken.length === 0) return [info("models", { count }), ...modes]
    return [
      ...broken.map((name) => warning({ code: "broken-model", values: { name } }, "pull-again")),
      ...modes,
    ]
  },
  sandbox: async (probes) => {
    const level = await probes.sandbox()
    switch (level) {
      case "full":
        return [info("full-sandbox")]
      case "partial":
        return [info("partial-sandbox")]
      case "none":
        return [warning({ code: "no-sandbox" }, "sandbox")]
      default:
        return level satisfies never
    }
  },
  lock: async (probes) => [info(await probes.lock())],
  ledger: async (probes) => {
    const { entries, brokenAt } = await probes.ledger()
    if (brokenAt === null) return [info("ledger", { count: entries })]
    return [error({ code: "changed-ledger", values: { entry: brokenAt } }, "ledger")]
  },
}

/** Runs every look; they do not wait for each other. */
export async function examine(probes: DoctorProbes, signal: AbortSignal): Promise<DoctorReport> {
  const found = await Promise.all(
    Object.entries(LOOKS).map(async ([id, look]): Promise<readonly Check[]> => {
      try {
        return (await look(probes, signal)).map((check) => ({ id, ...check }))
      } catch (thrown) {
        signal.throwIfAborted()
        return [{ id, ...failed(thrown) }]
      }
    }),
  )
  const checks = found.flat()
  return { ok: checks.every((check) => check.ok || check.level !== "error"), checks }
}

function failed(thrown: unknown): Finding {
  const { message, hint, code } = toErrorBody(thrown)
  return { ok: false, level: "error", message, ...(hint === undefined ? {} : { hint }), code }
}
