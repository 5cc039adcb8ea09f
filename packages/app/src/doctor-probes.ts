// How the doctor looks at this machine.
import { access, constants, stat } from "node:fs/promises"
import { arch, platform, release } from "node:os"
import { dirname } from "node:path"
import { type Config, probeSandbox } from "@fireside/host"
import { AppError } from "@fireside/protocol"
import manifest from "../package.json" with { type: "json" }
import type { DoctorProbes, SelfTest } from "./doctor.ts"
import { findKernelSpeeds } from "./kernel-speeds.ts"
import type { Parts } from "./parts.ts"
import { createPrivacy } from "./privacy.ts"

export interface ProbeOptions {
  readonly parts: Parts
  readonly config: Config
}

export function createProbes({ parts, config }: ProbeOptions): DoctorProbes {
  const { home } = config.paths
  const privacy = createPrivacy(parts)
  return {
    versions: () => ({
      fireside: manifest.version,
      node: process.versions.node,
      platform: `${platform()} ${arch()} ${release()}`,
      glibc: glibcVersion(),
    }),
    hardware: () => parts.hardware(),
    dataFolder: () => lookAtFolder(home),
    selfTest: (signal) => selfTest(parts, signal),
    kernels: (signal) => findKernelSpeeds(parts, signal),
    lock: async () => (await privacy.status()).lock,
    sandbox: async () => (config.values.sandbox === "none" ? "none" : probeSandbox()),
    async ledger() {
      const [{ entries }, brokenAt] = await Promise.all([privacy.status(), privacy.verify()])
      return { entries, brokenAt }
    },
    models: async () => {
      const models = await (await parts.library()).list()
      const broken = models.filter((model) => model.problem !== undefined).map((model) => model.name)
      const { deterministicVerdict } = await parts.fit()
      const names = models.filter((model) => model.problem === undefined).map((model) => model.name)
      const deterministic: string[] = []
      const undetermined: { name: string; why: string }[] = []
      for (const name of names) {
        // It was looked at a moment ago; one that was removed since is neither.
        const stored = await (await parts.library()).resolve(name).catch(() => undefined)
        if (stored === undefined) continue
        const verdict = deterministicVerdict(stored.header)
        if (verdict.possible) deterministic.push(name)
        else undetermined.push({ name, why: verdict.why })
      }
      return { count: models.length, broken, deterministic, undetermined }
    },
  }
}

async function selfTest(parts: Parts, signal: AbortSignal): Promise<SelfTest | undefined> {
  const engine = await parts.engine()
  if (engine.selfTest === undefined) return undefined
  const startedAt = parts.clock.monotonic()
  const report = await engine.selfTest(signal)
  if (!report.ok) {
    const problem = report.problem ?? { code: "engine-missing" as const, message: "The self-test failed." }
    throw new AppError(problem.code, problem)
  }
  const { version: libraryVersion, devices } = report
  return { libraryVersion, devices, durationMs: parts.clock.monotonic() - startedAt }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** Throws `cannot-write` when the folder is there and cannot be written. */
async function lookAtFolder(path: string): Promise<{ path: string; exists: boolean; private: boolean }> {
  if (!(await exists(path))) {
    await requireFolder(dirname(path))
    return { path, exists: false, private: true }
  }
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new AppError("cannot-write", {
      message: `${path} cannot be written.`,
      hint: "Take it over with chown, or choose another folder with FIRESIDE_HOME.",
      cause,
    })
  }
  const { mode } = await stat(path)
  return { path, exists: true, private: platform() === "win32" || (mode & 0o077) === 0 }
}

/** Throws `cannot-write` when what is nearest on the way to `path` is no folder that can be written. */
async function requireFolder(path: string): Promise<void> {
  const facts = await stat(path).catch(() => undefined)
  if (facts === undefined && dirname(path) !== path) return requireFolder(dirname(path))
  if (facts?.isDirectory())
    return access(path, constants.W_OK | constants.X_OK).catch((cause: unknown) => {
      throw cannotMake(path, "may not be written", cause)
    })
  throw cannotMake(path, "is no folder", undefined)
}

function cannotMake(path: string, why: string, cause: unknown): AppError {
  return new AppError("cannot-write", {
    message: `The data folder cannot be made: ${path} ${why}.`,
    hint: "Choose another folder with FIRESIDE_HOME.",
    cause,
  })
}

/** Of the C library that Node runs with; undefined where it is another one (musl, macOS, Windows). */
function glibcVersion(): string | undefined {
  // Node's types do not describe the report.
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime
}
