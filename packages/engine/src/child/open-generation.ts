// A request → a generation that can be served: its prompt as tokens, its constraint as a grammar, its sampler.
import type { GenerateOptions, Prompt } from "../engine.ts"
import { compileConstraint } from "../grammar/compile-constraint.ts"
import { createOutputParser } from "../parse/output-parser.ts"
import { Generation } from "./generation.ts"
import type { LoadedModel } from "./loaded-model.ts"
import { NO_ADAPTERS } from "./native/adapters.ts"
import { type PreparedPrompt, preparePrompt } from "./prompt-tokens.ts"
import { promptContext } from "./questions.ts"

export interface GenerationRequest {
  readonly requestId: number
  readonly prompt: Prompt
  readonly options: GenerateOptions
}

/** Throws what `preparePrompt`, `compileConstraint` and the sampler throw. */
export async function openGeneration(
  { requestId, prompt, options }: GenerationRequest,
  loaded: LoadedModel,
  yieldTurn: () => Promise<void>,
): Promise<{ readonly generation: Generation; readonly prepared: PreparedPrompt }> {
  const startedAtMs = performance.now()
  const prepared = await preparePrompt(prompt, promptContext(loaded, yieldTurn))
  const tools = prompt.type === "chat" ? prompt.tools : undefined
  const asked = { ...(tools === undefined ? {} : { tools }) }
  const { template = "", promptTail = "" } = prepared.parser ?? {}
  const think = prompt.type === "chat" && prompt.think !== undefined ? { think: prompt.think } : {}
  const markers =
    prepared.parser === null ? [] : createOutputParser({ ...asked, ...think, template, promptTail }).markers
  const constraint = compileConstraint({
    ...asked,
    ...pick(options, ["format", "toolChoice", "parallelToolCalls"]),
    template,
    promptTail,
  })
  const generation = new Generation({
    requestId,
    prompt: prepared.tokens,
    sampler: loaded.createSampler({
      sampling: options.sampling ?? {},
      seed: Math.floor(Math.random() * 0xffff_ffff),
      ...(constraint === null ? {} : { grammar: constraint.gbnf }),
    }),
    adapters: loaded.adapters.open(options.adapters ?? []),
    stop: options.stop ?? [],
    maxTokens: options.maxTokens ?? Number.POSITIVE_INFINITY,
    contextLength: loaded.plan.contextLength,
    cachePrompt: options.cachePrompt ?? true,
    isRepeatable: options.sampling?.seed !== undefined,
    sharedTokens: prepared.sharedTokens,
    markers: new Set(markers),
    // With a seed the same text is promised, and another number of rows in a step changes the last bits of a result, but in this mode.
    speculate:
      (options.speculate ?? true) &&
      (options.sampling?.seed === undefined || loaded.plan.deterministic === true),
    ignoreEnd: false,
    startedAtMs,
    ...pick(options, ["topLogprobs", "cacheOwner", "cacheLabel", "cacheOnDisk"]),
  })
  return { generation, prepared }
}

export interface PinRequest {
  readonly requestId: number
  readonly prompt: Prompt
  readonly label: string
  /** Bytes are 0 when there was no room. */
  readonly onPinned: (tokens: number, bytes: number) => void
}

/** A generation of nothing, whose prompt is kept as far as it is before anything that a user says. */
export async function openPinning(
  { requestId, prompt, label, onPinned }: PinRequest,
  loaded: LoadedModel,
  yieldTurn: () => Promise<void>,
): Promise<Generation> {
  const prepared = await preparePrompt(prompt, promptContext(loaded, yieldTurn))
  const tokens = prepared.tokens.slice(0, Math.max(1, prepared.sharedTokens))
  return new Generation({
    requestId,
    prompt: tokens,
    sampler: loaded.createSampler({ sampling: { temperature: 0 }, seed: 0 }),
    adapters: NO_ADAPTERS,
    stop: [],
    maxTokens: 0,
    contextLength: loaded.plan.contextLength,
    cachePrompt: true,
    cacheLabel: label,
    sharedTokens: tokens.length,
    isRepeatable: false,
    markers: new Set(),
    ignoreEnd: false,
    startedAtMs: performance.now(),
    onPinned: (bytes) => onPinned(tokens.length, bytes),
  })
}

/** The fields that are there: under `exactOptionalPropertyTypes` an undefined one is not. */
function pick<T extends object, Key extends keyof T>(value: T, keys: readonly Key[]): Pick<T, Key> {
  const entries = keys.filter((key) => value[key] !== undefined).map((key) => [key, value[key]])
  // Exactly the chosen fields, with their own types.
  return Object.fromEntries(entries) as Pick<T, Key>
}
