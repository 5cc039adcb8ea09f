// What `doctor` looks at, each look as one check: a failing look is a line of the report, never the end of it.
import type { KernelSpeeds } from "@fireside/fit"
import type { SandboxLevel } from "@fireside/host"
import {
  AppError,
  type ComputeDevice,
  type DoctorReport,
  type HardwareFacts,
  type LockState,
} from "@fireside/protocol"

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
  selfTest(signal: AbortSignal): Promise<SelfTest>
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

type Look = (probes: DoctorProbes, signal: AbortSignal) => Promise<readonly Omit<Check, "id">[]>

const info = (message: string): Omit<Check, "id"> => ({ ok: true, level: "info", message })
const warning = (message: string, hint?: string): Omit<Check, "id"> => ({
  ok: false,
  level: "warning",
  message,
  ...(hint === undefined ? {} : { hint }),
})
const error = (message: string, hint?: string): Omit<Check, "id"> => ({
  ...warning(message, hint),
  level: "error",
})

/** llama.cpp's prebuilt libraries are linked against this one. */
const OLDEST_GLIBC = [2, 34] as const
const LOW_DISK_BYTES = 5 * 2 ** 30
const LOW_MEMORY_BYTES = 1 * 2 ** 30

const LOOKS: Readonly<Record<string, Look>> = {
  versions: async (probes) => {
    const { fireside, node, platform, glibc } = probes.versions()
    const libc = glibc === undefined ? "" : `, glibc ${glibc}`
    const line = info(`Fireside ${fireside}, Node ${node}, ${platform}${libc}`)
    if (glibc === undefined) return [line]
    const [major = 0, minor = 0] = glibc.split(".").map(Number)
    const old = major < OLDEST_GLIBC[0] || (major === OLDEST_GLIBC[0] && minor < OLDEST_GLIBC[1])
    const needed = OLDEST_GLIBC.join(".")
    return old
      ? [
          error(
            `glibc ${glibc} is older than ${needed}, which the engine needs.`,
            "Use a newer release of your distribution.",
          ),
        ]
      : [line]
  },
  processor: async (probes) => {
    const { cpuModel, physicalCores, usableCpus, cpuFeatures } = await probes.hardware()
    const line = `${cpuModel.trim()}: ${counted(physicalCores, "core")}, ${usableCpus.length} usable`
    const fast = cpuFeatures.some((feature) => /^(avx2|avx512f?|neon|asimd|sve)$/i.test(feature))
    const features = cpuFeatures.length === 0 ? "no vector extensions known" : cpuFeatures.join(" ")
    return [
      fast
        ? info(`${line}; ${features}`)
        : warning(`${line}; ${features}`, "Without AVX2 or NEON models answer slowly."),
    ]
  },
  memory: async (probes) => {
    const { totalMemoryBytes, availableMemoryBytes, memoryLimitBytes } = await probes.hardware()
    const limit =
      memoryLimitBytes < totalMemoryBytes ? `, limited to ${gib(memoryLimitBytes)} by the cgroup` : ""
    const line = `${gib(totalMemoryBytes)} in all, ${gib(availableMemoryBytes)} free${limit}`
    const low = Math.min(availableMemoryBytes, memoryLimitBytes) < LOW_MEMORY_BYTES
    return [low ? warning(line, "Close other programs before loading a model.") : info(line)]
  },
  disk: async (probes) => {
    const { diskFreeBytes, diskTotalBytes } = await probes.hardware()
    const line = `${gib(diskFreeBytes)} free of ${gib(diskTotalBytes)}`
    return [
      diskFreeBytes < LOW_DISK_BYTES ? warning(line, "Models need from 0.1 to 20 GB each.") : info(line),
    ]
  },
  engine: async (probes, signal) => {
    const { libraryVersion, devices, durationMs } = await probes.selfTest(signal)
    const names = devices.map((it) => it.name).join(", ") || "no device"
    const passed = info(
      `llama.cpp ${libraryVersion} (${names}) passed its self-test in ${Math.round(durationMs)} ms`,
    )
    const gpus = devices.filter((it) => it.kind !== "cpu")
    if (gpus.length === 0)
      return [passed, info("models run on the processor; no graphics processor is in use")]
    const memory = (it: ComputeDevice): string => `${gib(it.memoryBytes)}, ${gib(it.freeMemoryBytes)} free`
    return [passed, ...gpus.map((it) => info(`${it.description || it.name}: ${memory(it)}`))]
  },
  kernels: async (probes, signal) => {
    const speeds = await probes.kernels(signal)
    if (speeds === undefined) return [info("the engine computes nothing")]
    const giga = (value: number): string => (value / 1e9).toFixed(1).padStart(6)
    const rows = Object.entries(speeds.types).map(([type, speed]) =>
      info(
        `${type.padEnd(4)} ${giga(speed.prefillWeightsPerSecond)} of prompts, ${giga(speed.decodeWeightsPerSecond)} of answers`,
      ),
    )
    return [info("billions of weights a second, one thread, by type:"), ...rows]
  },
  "data-folder": async (probes) => {
    const folder = await probes.dataFolder()
    if (!folder.exists) return [info(`${folder.path} will be made at first use`)]
    if (folder.private) return [info(`${folder.path} is writable, and yours alone`)]
    return [
      warning(`${folder.path} can be read by other users of this machine.`, `chmod -R go= ${folder.path}`),
    ]
  },
  models: async (probes) => {
    const { count, broken, deterministic, undetermined } = await probes.models()
    const modes = [
      ...(deterministic.length === 0 ? [] : [info(`can be deterministic: ${deterministic.join(", ")}`)]),
      ...undetermined.map(({ name, why }) => info(`${name} cannot be deterministic. ${why}`)),
    ]
    if (broken.length === 0) return [info(counted(count, "model")), ...modes]
    return [
      ...broken.map((name) => warning(`${name} is broken.`, `Get it again with: fireside pull ${name}`)),
      ...modes,
    ]
  },
  sandbox: async (probes) => {
    const level = await probes.sandbox()
    switch (level) {
      case "full":
        return [info("full: models run without network, and every file is read-only for them")]
      case "partial":
        return [
          info("partial: models run without network; bubblewrap (bwrap) would make files read-only too"),
        ]
      case "none":
        return [
          warning(
            "none: this system does not keep the engine from the network.",
            "Fireside opens no connection there; on Linux, allow user namespaces or install bubblewrap to have it enforced.",
          ),
        ]
      default:
        return level satisfies never
    }
  },
  lock: async (probes) => {
    const state = await probes.lock()
    const meaning = {
      locked: "locked: nothing leaves this machine",
      ask: "open for what you ask for: each connection is in the ledger",
      "allow-list": "only the listed hosts can be reached",
    }
    return [info(meaning[state])]
  },
  ledger: async (probes) => {
    const { entries, brokenAt } = await probes.ledger()
    if (brokenAt === null) return [info(`${counted(entries, "entry", "entries")}, the chain is whole`)]
    return [
      error(
        `the chain breaks at entry ${brokenAt}: the ledger was changed.`,
        "fireside privacy ledger shows it.",
      ),
    ]
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

function failed(thrown: unknown): Omit<Check, "id"> {
  if (thrown instanceof AppError) return error(thrown.message, thrown.hint)
  return error(thrown instanceof Error ? thrown.message : String(thrown))
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`
const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`
