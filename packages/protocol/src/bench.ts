// What `fireside bench` says of a model on a machine: its figures, how they changed since the last run, and what the machine would allow.
import { z } from "zod"
import { ERROR_FIELDS } from "./error-fields.ts"
import { BENCH_LIMITS } from "./limits.ts"

/** One figure over the rounds of a run. */
export const Spread = z.object({ median: z.number(), min: z.number(), max: z.number() })
export type Spread = z.infer<typeof Spread>

const figure = Spread.nullable()

/** Null: not measured, because the model has only one stream or its engine cannot measure itself. */
export const BenchFigures = z.object({
  /** Nothing running → the model can answer; its file may be in the system's memory already. */
  coldStartMs: figure,
  /** Request → first piece of the answer. */
  shortTtftMs: figure,
  longTtftMs: figure,
  /** Tokens of the long prompt for each second of its wait. */
  prefillTokensPerSecond: figure,
  /** A second turn behind the long prompt: only what is new is computed. */
  reuseTtftMs: figure,
  /** Between two pieces of one answer: median, 95th of a hundred, longest. */
  gapMedianMs: figure,
  gapP95Ms: figure,
  gapMaxMs: figure,
  /** Of one stream: 1 / mean gap. */
  decodeTokensPerSecond: figure,
  /** Of all streams together: all tokens / from the first request to the end of the last answer. */
  crowdTokensPerSecond: figure,
  /** The engine's own loop without sampling and transport. */
  kernelPrefillTokensPerSecond: figure,
  kernelDecodeTokensPerSecond: figure,
})
export type BenchFigures = z.infer<typeof BenchFigures>
export type BenchFigureName = keyof BenchFigures

/** What the machine can do at most. Null where it does not apply: with layers on a graphics processor, main memory is not the limit. */
export const BenchLimit = z.object({
  /** Read from main memory, bytes a second. */
  memoryBytesPerSecond: z.object({ oneThread: z.number(), allThreads: z.number() }),
  /** Weights that one token reads, and keys and values at the context that was measured. */
  weightsBytes: z.number(),
  kvBytes: z.number(),
  /** `memory`: bytes / bandwidth takes longest; `arithmetic`: the model's own prefill rate does. */
  boundBy: z.enum(["memory", "arithmetic"]),
  decodeTokensPerSecond: z.number(),
  crowdTokensPerSecond: z.number().nullable(),
  /** Measured / weights over bandwidth alone. */
  shareOfMemory: z.number(),
  /** Measured / the limit above. */
  shareOfLimit: z.number(),
  /** Measured / the engine's own loop. */
  shareOfKernel: z.number().nullable(),
})
export type BenchLimit = z.infer<typeof BenchLimit>

/** `worse` and `better`: more than 5 % and outside of both runs' spread. */
export const BenchVerdict = z.enum(["better", "same", "worse"])
export type BenchVerdict = z.infer<typeof BenchVerdict>

export const BenchChange = z.object({
  name: z.string(),
  /** This run / the previous one. */
  ratio: z.number(),
  verdict: BenchVerdict,
})
export type BenchChange = z.infer<typeof BenchChange>

export const BenchReport = z.object({
  id: z.string(),
  at: z.string(),
  model: z.string(),
  digest: z.string(),
  quantization: z.string(),
  machine: z.object({ cpuModel: z.string(), usableCpus: z.int(), processor: z.string() }),
  libraryVersion: z.string(),
  rounds: z.int(),
  isQuick: z.boolean(),
  threads: z.int(),
  streams: z.int(),
  contextLength: z.int(),
  shortPromptTokens: z.int(),
  longPromptTokens: z.int(),
  answerTokens: z.int(),
  figures: BenchFigures,
  /** Of the engine's process. `proportionalBytes` counts shared pages once among their users; null where the system does not say. */
  memory: z.object({ residentBytes: z.number().nullable(), proportionalBytes: z.number().nullable() }),
  /** Processors that other programs used between the rounds. */
  foreignCpus: z.number(),
  /** False when other programs disturbed the run: the figures are no ground for a claim. */
  isQuotable: z.boolean(),
  limit: BenchLimit.nullable(),
  /** The run before of the same file, measured the same way on the same machine; one that was disturbed only when there is no other. */
  previous: z
    .object({ id: z.string(), at: z.string(), isQuotable: z.boolean(), changes: z.array(BenchChange) })
    .nullable(),
})
export type BenchReport = z.infer<typeof BenchReport>

export const BenchEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("progress"), message: z.string(), doneSteps: z.int(), totalSteps: z.int() }),
  z.object({ type: z.literal("finish"), report: BenchReport }),
  z.object({ type: z.literal("error"), ...ERROR_FIELDS }),
])
export type BenchEvent = z.infer<typeof BenchEvent>

export const BenchRequest = z.object({
  model: z.string().min(1),
  /** Each figure is measured so often. Defaults to 5, with `quick` to 3. */
  rounds: z.int().min(1).max(BENCH_LIMITS.rounds).optional(),
  /** Shorter prompts and answers. Defaults to false. */
  quick: z.boolean().optional(),
})
export type BenchRequest = z.infer<typeof BenchRequest>

export const BenchQuery = z.object({ model: z.string().min(1).optional() })
export type BenchQuery = z.infer<typeof BenchQuery>
