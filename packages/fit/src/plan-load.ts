// Wish + model + machine → the plan, or a refusal with numbers. Pure: the same facts give the same verdict.
import type { GgufHeader } from "@fireside/gguf"
import { CHILD_LIMITS, type HardwareFacts } from "@fireside/protocol"
import { chooseThreads } from "./choose-threads.ts"
import { describeBytes } from "./describe-bytes.ts"
import { deterministicVerdict } from "./deterministic-verdict.ts"
import { largestContext, SMALLEST_CONTEXT } from "./largest-context.ts"
import type { FitVerdict, LoadPlan, LoadWish, MemoryNeed } from "./load-plan.ts"
import { memoryBudget } from "./memory-budget.ts"
import { canQuantizeKv, type MemoryChoices, needOf, repackedBytesOf } from "./memory-need.ts"
import { isShape, type ModelShape, readShape } from "./model-shape.ts"
import { suggestFits } from "./suggest-fits.ts"

/** Context of a stream when none is wished: room for a long chat, small enough for a small machine. */
const PREFERRED_CONTEXT = 8_192
/** Rows of a prompt step: the widest that still gains speed, and the steps down when memory is short. */
const MICRO_BATCH_ROWS = [512, 256, 128] as const
/** A text to embed must go through in one micro-batch, because embedding models look both ways. */
const EMBEDDING_ROWS_MAX = 2_048
/** Under this share of repacked weights, mmap's shared page cache is worth more than their second copy. */
const MMAP_REPACKED_MAX = 0.1

export interface PlanQuestion {
  readonly header: GgufHeader | ModelShape
  readonly hardware: HardwareFacts
  readonly wish: LoadWish
}

/**
 * Decides how a model is loaded on a machine, or why it is not.
 *
 * Without a wished context: `PREFERRED_CONTEXT` or what the model was trained for, whichever is smaller; when that does
 * not fit, fewer rows a batch, then fewer streams (where `mostStreams` allows several), then the largest context that fits,
 * down to `SMALLEST_CONTEXT`. What the user wished for is never reduced: it fits or it is refused. With `wish.force` a refusal for memory or context becomes a plan with a notice.
 */
export function planLoad(question: PlanQuestion): FitVerdict {
  const shape = isShape(question.header) ? question.header : readShape(question.header)
  const { hardware } = question
  const wish = withStreams({ shape, hardware, wish: question.wish })
  const { plan, notices, objection } = assess({ shape, hardware, wish })
  const { mostStreams = 1 } = question.wish
  if (question.wish.streams === undefined && plan.streams < Math.min(mostStreams, USUAL_STREAMS))
    notices.push(
      `${plan.streams === 1 ? "One answer is" : `${plan.streams} answers are`} written at once: more do not fit in ${describeBytes(plan.budgetBytes)}.`,
    )
  if (objection === undefined) return { type: "fits", plan, notices }
  // No more memory makes a kernel add up in another order.
  if (objection.reason === "deterministic")
    return {
      type: "refused",
      ...objection,
      memory: plan.memory,
      budgetBytes: plan.budgetBytes,
      wouldFit: [],
      plan,
    }
  if (wish.force === true && objection.reason !== "streams")
    return { type: "fits", plan, notices: [...notices, `Forced: ${objection.message}`] }
  const fits = (other: ModelShape, otherWish: LoadWish) =>
    assess({ shape: other, hardware, wish: otherWish }).objection === undefined
  const wouldFit = suggestFits({ shape, wish, plan, fits }).map((suggestion) => suggestion.text)
  return { type: "refused", ...objection, memory: plan.memory, budgetBytes: plan.budgetBytes, wouldFit, plan }
}

/** So many streams may take what memory there is … */
const USUAL_STREAMS = 4
/** … and more of them only where their contexts take no more than this part of the budget: another model may want the rest. */
const SPARE_SHARE = 0.1

/**
 * `mostStreams` as a number: halved until the plan fits with its whole context, and until many take little. One stream is judged like a
 * wish for nothing.
 */
function withStreams({ shape, hardware, wish }: Case): LoadWish {
  const { mostStreams, ...others } = wish
  if (mostStreams === undefined || wish.streams !== undefined) return others
  let streams = Math.min(Math.max(1, Math.floor(finite(mostStreams) ?? 1)), CHILD_LIMITS.streams)
  const fits = () => {
    const { plan, objection, isShortened } = assess({ shape, hardware, wish: { ...others, streams } })
    const takesLittle = plan.memory.kvBytes <= SPARE_SHARE * plan.budgetBytes
    return objection === undefined && !isShortened && (streams <= USUAL_STREAMS || takesLittle)
  }
  while (streams > 1 && !fits()) streams = Math.floor(streams / 2)
  return { ...others, streams }
}

interface Objection {
  readonly reason: "memory" | "context" | "streams" | "deterministic"
  readonly message: string
  readonly hint?: string
}

interface Case {
  readonly shape: ModelShape
  readonly hardware: HardwareFacts
  readonly wish: LoadWish
}

function assess({ shape, hardware, wish }: Case) {
  const { budgetBytes, reserveBytes } = memoryBudget(hardware)
  const settings = settle({ shape, hardware, wish })
  const { choices } = settings
  const notices = [...settings.notices]
  const need = (contextLength: number, microBatchRows: number) =>
    needOf(shape, { ...choices, contextLength, microBatchRows: Math.min(microBatchRows, contextLength) })
  const chosen = chooseContext({ shape, wish, need, budgetBytes })
  const rows = Math.min(chosen.microBatchRows, chosen.contextLength)
  const plan: LoadPlan = {
    contextLength: chosen.contextLength,
    streams: choices.streams,
    batchRows: rows,
    microBatchRows: rows,
    kvType: choices.kvType,
    useMmap: choices.useMmap,
    gpuLayers: settings.gpuLayers,
    threads: settings.threads,
    cpus: settings.cpus,
    embeddings: choices.embeddings,
    // In a common store the cells of a stream lie where others left room, and sums are cut elsewhere.
    ...(wish.sharesCells === undefined ? {} : { sharesCells: wish.sharesCells && !isDeterministic(wish) }),
    ...(isDeterministic(wish) ? { deterministic: true } : {}),
    ...(shape.hasTwoRopes ? { fixedContext: true } : {}),
    memory: need(chosen.contextLength, chosen.microBatchRows),
    budgetBytes,
  }
  if (chosen.shortened)
    notices.push(
      `The context is ${plan.contextLength} tokens: more does not fit in ${describeBytes(budgetBytes)} (the model can take ${shape.trainedContextLength}).`,
    )
  return {
    plan,
    notices,
    isShortened: chosen.shortened,
    objection: deterministicObjection(shape, wish) ?? objectionTo(plan, { shape, reserveBytes }),
  }
}

interface Settings {
  readonly choices: Omit<MemoryChoices, "contextLength" | "microBatchRows">
  readonly threads: number
  readonly cpus: readonly number[]
  readonly gpuLayers: number
  readonly notices: readonly string[]
}

function settle({ shape, hardware, wish }: Case): Settings {
  const { threads, cpus, notice } = chooseThreads(hardware, wish.threads)
  const repacked = repackedBytesOf(shape, hardware)
  const gpu = layersOnGpu({ shape, hardware, wish })
  // A quantised cache needs heads of whole blocks of 32; llama.cpp refuses others.
  const kvType = isDeterministic(wish) ? "q8_0" : (wish.kvType ?? "f16")
  const impossible = kvType === "q8_0" && !canQuantizeKv(shape)
  const noCache = `The cache is f16: heads of ${shape.keyLength} cannot be kept as q8_0 (blocks of 32).`
  const replaced = wish.kvType !== undefined && wish.kvType !== kvType
  const noChoice = `The cache is ${kvType}, not ${wish.kvType}: deterministic mode needs it.`
  return {
    threads,
    cpus,
    gpuLayers: gpu.layers,
    choices: {
      streams: Math.max(1, Math.floor(finite(wish.streams) ?? 1)),
      kvType: impossible ? "f16" : kvType,
      useMmap: wish.useMmap ?? repacked < shape.weightsBytes * MMAP_REPACKED_MAX,
      embeddings: wish.embeddings ?? false,
      cpuFeatures: hardware.cpuFeatures,
      arch: hardware.arch,
      offloadedShare: gpu.share,
    },
    notices: [
      ...(notice === undefined ? [] : [notice]),
      ...(impossible ? [noCache] : []),
      ...(replaced ? [noChoice] : []),
      ...(isDeterministic(wish) && wish.sharesCells === true
        ? ["Each answer has its own cells: deterministic mode needs that."]
        : []),
    ],
  }
}

interface ContextQuestion {
  readonly shape: ModelShape
  readonly wish: LoadWish
  readonly need: (contextLength: number, microBatchRows: number) => MemoryNeed
  readonly budgetBytes: number
}

function chooseContext({ shape, wish, need, budgetBytes }: ContextQuestion) {
  const embeddings = wish.embeddings === true
  const trained = shape.trainedContextLength > 0 ? shape.trainedContextLength : PREFERRED_CONTEXT
  const wished = finite(wish.contextLength)
  const context = Math.max(
    1,
    Math.floor(wished ?? Math.min(trained, embeddings ? EMBEDDING_ROWS_MAX : PREFERRED_CONTEXT)),
  )
  const rowSteps = embeddings ? [Math.min(Math.max(context, 512), EMBEDDING_ROWS_MAX)] : MICRO_BATCH_ROWS
  const fits = (length: number, rows: number) => need(length, rows).totalBytes <= budgetBytes
  for (const rows of rowSteps)
    if (fits(context, rows)) return { contextLength: context, microBatchRows: rows, shortened: false }
  const rows = rowSteps[rowSteps.length - 1] ?? 128
  if (wished === undefined) {
    const largest = largestContext(context, (length) => fits(length, rows))
    if (largest >= Math.min(SMALLEST_CONTEXT, context))
      return { contextLength: largest, microBatchRows: rows, shortened: true }
  }
  return { contextLength: context, microBatchRows: rows, shortened: false }
}

/** Embeddings are computed without a cache and handed out whole: there is nothing to promise. */
function isDeterministic(wish: LoadWish): boolean {
  return wish.deterministic === true && wish.embeddings !== true
}

function deterministicObjection(shape: ModelShape, wish: LoadWish): Objection | undefined {
  if (!isDeterministic(wish)) return undefined
  const verdict = deterministicVerdict(shape)
  if (!verdict.possible)
    return {
      reason: "deterministic",
      message: `The model cannot be deterministic. ${verdict.why}`,
      hint: verdict.hint,
    }
  const layers = finite(wish.gpuLayers) ?? 0
  if (layers === 0) return undefined
  return {
    reason: "deterministic",
    message: `${layers < 0 ? "All layers" : `${layers} layers`} were asked for on a GPU, whose kernels are not proven to be deterministic.`,
    hint: "Ask for no layers on a GPU, or for no deterministic mode.",
  }
}

function objectionTo(
  plan: LoadPlan,
  { shape, reserveBytes }: { readonly shape: ModelShape; readonly reserveBytes: number },
): Objection | undefined {
  const { memory, budgetBytes } = plan
  const sum = () =>
    `weights ${describeBytes(memory.weightsBytes)} + KV cache ${describeBytes(memory.kvBytes)} + buffers ${describeBytes(memory.computeBytes)}`
  const trained = shape.trainedContextLength
  if (plan.streams > CHILD_LIMITS.streams)
    return {
      reason: "streams",
      message: `${plan.streams} streams were asked for; at most ${CHILD_LIMITS.streams} run at once.`,
    }
  if (trained > 0 && plan.contextLength > trained)
    return {
      reason: "context",
      message: `A context of ${plan.contextLength} tokens was asked for; the model was trained for ${trained}. It would take ${describeBytes(memory.totalBytes)} (${sum()}); ${describeBytes(budgetBytes)} may be used.`,
    }
  if (memory.totalBytes > budgetBytes)
    return {
      reason: "memory",
      message: `The model needs ${describeBytes(memory.totalBytes)} with a context of ${plan.contextLength} tokens × ${plan.streams} (${sum()}), but ${describeBytes(budgetBytes)} may be used (${describeBytes(reserveBytes)} kept free).`,
    }
  return undefined
}

/**
 * How many layers go to a GPU. Wished numbers are taken as they are; otherwise all when they fit in its free memory, or
 * as many as do. Memory that GPU and processor share (macOS) is counted as main memory.
 */
function layersOnGpu({ shape, hardware, wish }: Case) {
  const wished = finite(wish.gpuLayers)
  const free = hardware.devices
    .filter((device) => device.kind === "gpu")
    .reduce((sum, device) => sum + device.freeMemoryBytes, 0)
  const hasGpu = hardware.devices.some((device) => device.kind === "gpu")
  if (!hasGpu || wished === 0 || (wished === undefined && isDeterministic(wish)))
    return { layers: 0, share: 0 }
  const shared = hardware.platform === "darwin"
  // A tenth of the device is left for its own buffers, and weights take KV and activations with them.
  const room = shape.weightsBytes > 0 ? Math.min((free * 0.9) / (shape.weightsBytes * 1.15), 1) : 1
  const layers = wished ?? (room >= 1 ? -1 : Math.floor(room * shape.layers))
  const share = layers < 0 ? 1 : shape.layers > 0 ? Math.min(layers / shape.layers, 1) : 0
  return { layers, share: shared ? 0 : Math.min(share, room) }
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined
}
