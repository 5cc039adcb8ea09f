// A copy of a model with another type of weights, made, measured against its original on this machine, and kept where it is worth it. The
// original stays, and its name can be given back to it at any time.
import type { SpeedGain } from "@fireside/fit"
import type { Library, StoredModel } from "@fireside/library"
import { AppError, type JobEvent } from "@fireside/protocol"
import type { ConvertRequest } from "../app.ts"
import { findKernelSpeeds } from "../kernel-speeds.ts"
import type { Parts } from "../parts.ts"
import { type Comparison, compareModels } from "./compare-models.ts"

/**
 * Nats a token, above which a copy speaks differently from its original. The rounding inside the kernels of two types alone is half of it:
 * SmolLM2-135M in Q4_1 differs by 0.003 from its own weights in exact arithmetic; its copy in Q8_0 by 0.005, and in Q4_0, which is damage
 * that one sees, by 0.27.
 */
const MOST_DIVERGENCE = 1e-2

/** Throws `model-in-use`, `worse-copy` (then the copy is gone), and what the library's conversion throws. */
export async function* convertModel(
  parts: Parts,
  request: ConvertRequest,
  signal: AbortSignal,
): AsyncIterable<JobEvent> {
  const library = await parts.library()
  const original = await library.resolve(request.model)
  await requireIdle(parts, original)
  const name = original.summary.name
  const takesName = request.name === undefined && canBeRenamed(original)
  const copyName = request.name ?? `${name}-${request.to.toLowerCase()}`
  const expected = await expectedGain(parts, original, request.to, signal)
  if (expected !== undefined) yield { type: "notice", message: expected.message }
  let made = copyName
  for await (const event of library.convert({ from: request.model, to: request.to, name: copyName }, signal))
    if (event.type === "finish") made = event.name
    else yield event
  const copy = await library.resolve(made)
  let isKept = false
  try {
    yield { type: "status", message: "comparing the copy with its original" }
    const comparison = await compareModels(parts, { original, copy }, signal)
    yield { type: "notice", message: describe(comparison, { original, copy }) }
    const objection = objectionTo(comparison, expected?.gain)
    if (objection !== undefined && request.force !== true) throw refusal(objection, comparison, made)
    if (objection !== undefined)
      yield { type: "notice", message: `${objection} It is kept because --force was given.` }
    isKept = true
  } finally {
    if (!isKept) await library.remove(made)
  }
  if (takesName) {
    await giveName(library, { name, made })
    yield {
      type: "notice",
      message: `${name} is the copy now; the original is kept as ${originalName(name)}. Back with: fireside convert ${name} --back`,
    }
  } else yield { type: "notice", message: `The original stays ${name}. Back with: fireside rm ${made}` }
  yield { type: "finish", name: takesName ? name : made, digest: copy.summary.digest }
}

/** The name stands for the original again, and the copy is removed. Throws `not-found` when no original is kept, `model-in-use`. */
export async function convertBack(parts: Parts, reference: string): Promise<{ readonly name: string }> {
  const library = await parts.library()
  const present = await library.resolve(reference)
  const { name } = present.summary
  const kept = originalName(name)
  const original = (await library.list()).find((model) => model.name === kept)
  if (original === undefined)
    throw new AppError("not-found", {
      message: `${name} was not converted: there is no ${kept}.`,
      hint: "A copy that has a name of its own is removed with: fireside rm NAME",
      details: { name: kept },
    })
  await requireIdle(parts, present)
  await library.copy(kept, name)
  await library.remove(kept)
  return { name }
}

const originalName = (name: string): string => `${name}-original`

/** In this order: whatever happens in between, the original has a name. */
async function giveName(
  library: Library,
  { name, made }: { readonly name: string; readonly made: string },
): Promise<void> {
  const kept = originalName(name)
  // A copy of a copy: the first original is the one to go back to.
  if (!(await library.list()).some((model) => model.name === kept)) await library.copy(name, kept)
  await library.copy(made, name)
  await library.remove(made)
}

/** Names of sources (`hf:…`) say what their file is, and other programs' stores are not ours to rename. */
function canBeRenamed({ summary: { name, inPlace } }: StoredModel): boolean {
  return !inPlace && /^[^:/]+:[^:/]+$/.test(name) && !/^(?:hf|ollama|pip|npm):/.test(name)
}

async function requireIdle(parts: Parts, { path, summary: { name } }: StoredModel): Promise<void> {
  const user = (await (await parts.registry()).list()).find((entry) => entry.path === path)
  if (user === undefined) return
  throw new AppError("model-in-use", {
    message: `${name} is loaded by process ${user.ownerPid}; measuring needs the machine, and its name may change.`,
    hint: `Unload it first with: fireside stop ${name}`,
    details: { pid: user.ownerPid },
  })
}

interface Expected {
  readonly gain: SpeedGain
  readonly message: string
}

async function expectedGain(
  parts: Parts,
  original: StoredModel,
  wanted: string,
  signal: AbortSignal,
): Promise<Expected | undefined> {
  const speeds = await findKernelSpeeds(parts, signal)
  if (speeds === undefined) return undefined
  const [{ gainOf }, { mainTypeOf }] = await Promise.all([
    import("@fireside/fit"),
    import("@fireside/library"),
  ])
  const from = mainTypeOf(original.header.tensors)
  const to = wanted.toUpperCase()
  const gain = from === to ? undefined : gainOf(speeds, from, to)
  if (gain === undefined) return undefined
  const message = `By this processor's kernels ${to} should read prompts at ${times(gain.prefill)} and write at ${times(gain.decode)} the speed of ${from}.`
  return { gain, message }
}

/** Both the kernels, which other programs do not disturb, and the whole model must gain. */
function objectionTo(
  { kl, prefillGain, decodeGain }: Comparison,
  kernels: SpeedGain | undefined,
): string | undefined {
  if (kl >= MOST_DIVERGENCE)
    return `This is a worse copy: it says other things than its original (KL ${kl.toFixed(4)}, at most ${MOST_DIVERGENCE}).`
  const gains = [{ prefill: prefillGain, decode: decodeGain }, ...(kernels === undefined ? [] : [kernels])]
  // The geometric mean: reading and writing count alike.
  const slower = gains.find(({ prefill, decode }) => prefill * decode <= 1)
  return slower === undefined
    ? undefined
    : `The copy is not faster here (${times(slower.prefill)} for prompts, ${times(slower.decode)} for answers).`
}

function refusal(objection: string, comparison: Comparison, name: string): AppError {
  return new AppError("worse-copy", {
    message: `${objection} It was not kept.`,
    hint: "Give --force to keep it all the same.",
    details: { ...comparison, name },
  })
}

function describe(
  { kl, sameTop, prefillGain, decodeGain }: Comparison,
  { original, copy }: { readonly original: StoredModel; readonly copy: StoredModel },
): string {
  const size = (model: StoredModel): string => `${(model.summary.sizeBytes / 1e6).toFixed(0)} MB`
  return `Measured: prompts ${times(prefillGain)}, answers ${times(decodeGain)} as fast; ${size(original)} before, ${size(copy)} after; KL ${kl.toFixed(5)} (the 256 likeliest tokens and the rest as one), same first choice at ${(sameTop * 100).toFixed(1)} % of the text.`
}

const times = (gain: number): string => `${gain.toFixed(2)}×`
