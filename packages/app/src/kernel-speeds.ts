// How fast this machine computes with each type of weights: measured once, kept in the data folder, used before a download and for copies.
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { CopyAdvice, KernelSpeeds } from "@fireside/fit"
import { writeDurably } from "@fireside/host"
import type { PullOffer, StoredModel } from "@fireside/library"
import { AppError, z } from "@fireside/protocol"
import manifest from "../package.json" with { type: "json" }
import type { Parts } from "./parts.ts"

const Kept = z.object({
  /** What the figures hold for. */
  machine: z.string(),
  speeds: z.object({
    libraryVersion: z.string(),
    types: z.record(
      z.string(),
      z.object({
        prefillWeightsPerSecond: z.number().positive(),
        decodeWeightsPerSecond: z.number().positive(),
      }),
    ),
  }),
})

/** Undefined where nothing was measured on this machine with this version. */
export async function readKernelSpeeds(parts: Parts): Promise<KernelSpeeds | undefined> {
  if (parts.engineName === "echo") return undefined
  try {
    const kept = Kept.safeParse(JSON.parse(await readFile(fileOf(parts), "utf8")))
    return kept.success && kept.data.machine === (await machineOf(parts)) ? kept.data.speeds : undefined
  } catch {
    // No file, or no JSON: it is measured again when somebody asks for it.
    return undefined
  }
}

/** What is kept, else measured now. Undefined for an engine that has no kernels. Throws what the measurement throws. */
export async function findKernelSpeeds(parts: Parts, signal: AbortSignal): Promise<KernelSpeeds | undefined> {
  const known = await readKernelSpeeds(parts)
  if (known !== undefined) return known
  const engine = await parts.engine()
  if (engine.kernelSpeeds === undefined) return undefined
  const speeds = await engine.kernelSpeeds(signal)
  await parts.prepareHome()
  const text = JSON.stringify({ machine: await machineOf(parts), speeds } satisfies z.infer<typeof Kept>)
  await writeDurably(fileOf(parts), `${text}\n`).catch((error: unknown) => {
    // It is measured again next time.
    parts.log.warn("the kernel speeds are not kept", {
      reason: error instanceof AppError ? error.code : String(error),
    })
  })
  return speeds
}

/** What to say of a stored model; undefined where this machine has nothing better, or was not measured. Never waits for a measurement. */
export async function adviseOn(parts: Parts, { header, summary }: StoredModel): Promise<string | undefined> {
  const speeds = await readKernelSpeeds(parts)
  if (speeds === undefined) return undefined
  const [{ adviseCopy }, { mainTypeOf }] = await Promise.all([
    import("@fireside/fit"),
    import("@fireside/library"),
  ])
  const advice = adviseCopy(speeds, mainTypeOf(header.tensors))
  return advice === undefined ? undefined : describeAdvice(advice, summary.name)
}

/** Of the files of an offer only the names are known, and most say their type. */
export async function adviseOnFiles(
  speeds: KernelSpeeds | undefined,
  { files, name }: PullOffer,
): Promise<string | undefined> {
  if (speeds === undefined) return undefined
  const { adviseCopy } = await import("@fireside/fit")
  for (const file of files) {
    const type = /(?:^|[-._])(Q[458]_[01]|F16)(?=[-._]|$)/i.exec(file.name)?.[1]?.toUpperCase()
    const advice = type === undefined ? undefined : adviseCopy(speeds, type)
    if (advice !== undefined) return describeAdvice(advice, name)
  }
  return undefined
}

function describeAdvice({ from, to, prefill, decode }: CopyAdvice, name: string): string {
  const times = (gain: number): string => `${gain.toFixed(1)}×`
  return `On this processor ${to} reads prompts at ${times(prefill)} and writes at ${times(decode)} the speed of ${from}. A copy is made with: fireside convert ${name} --to ${to.toLowerCase()}`
}

const fileOf = ({ paths }: Parts): string => join(paths.home, "kernel-speeds.json")

/** The library's version goes with ours. */
async function machineOf(parts: Parts): Promise<string> {
  const { cpuModel, cpuFeatures } = await parts.hardware()
  return `${manifest.version} ${cpuModel.trim()} ${cpuFeatures.join(" ")}`
}
