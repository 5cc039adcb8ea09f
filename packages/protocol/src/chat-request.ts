// What a chat asks for, in the neutral form that every dialect decodes into.
import { z } from "zod"
import { REQUEST_LIMITS } from "./limits.ts"

export const ToolDefinition = z.object({
  name: z.string().min(1).max(256),
  description: z.string().optional(),
  /** JSON schema of the arguments object. */
  parameters: z.record(z.string(), z.unknown()).default({ type: "object", properties: {} }),
})
export type ToolDefinition = z.infer<typeof ToolDefinition>

export const Message = z.discriminatedUnion("role", [
  z.object({ role: z.literal("system"), content: z.string() }),
  z.object({
    role: z.literal("user"),
    content: z.string(),
    /** Bytes as base64. Refused by name where the model reads text only. */
    images: z.array(z.object({ mediaType: z.string(), data: z.string() })).optional(),
  }),
  z.object({
    role: z.literal("assistant"),
    content: z.string(),
    reasoning: z.string().optional(),
    toolCalls: z.array(z.object({ callId: z.string(), name: z.string(), arguments: z.string() })).optional(),
  }),
  z.object({
    role: z.literal("tool"),
    content: z.string(),
    callId: z.string().optional(),
    name: z.string().optional(),
  }),
])
export type Message = z.infer<typeof Message>

export const ToolChoice = z.union([
  z.enum(["auto", "none", "required"]),
  z.object({ type: z.literal("tool"), name: z.string() }),
])
export type ToolChoice = z.infer<typeof ToolChoice>

export const ResponseFormat = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text") }),
  z.object({ type: z.literal("json") }),
  z.object({ type: z.literal("json-schema"), schema: z.unknown() }),
  z.object({ type: z.literal("gbnf"), grammar: z.string() }),
])
export type ResponseFormat = z.infer<typeof ResponseFormat>

const ratio = z.number().min(0).max(1)

/** Sampling parameters. A field left out takes the model's own default, then ours (`SAMPLING_DEFAULTS`). */
export const SamplingOptions = z
  .object({
    temperature: z.number().min(0).max(10),
    /** Half-width of the dynamic temperature range; 0 is off. */
    temperatureRange: z.number().min(0).max(10),
    temperatureExponent: z.number().min(0).max(10),
    topK: z.int().min(0).max(1_000_000),
    topP: ratio,
    minP: ratio,
    typicalP: ratio,
    /** Top-n-sigma; a negative value is off. */
    topNSigma: z.number().min(-1).max(100),
    xtcProbability: ratio,
    xtcThreshold: ratio,
    repeatPenalty: z.number().min(0.01).max(10),
    /** Tokens looked back at; −1 is the whole context, 0 is off. */
    repeatLastN: z.int().min(-1).max(1_000_000),
    frequencyPenalty: z.number().min(-2).max(2),
    presencePenalty: z.number().min(-2).max(2),
    dryMultiplier: z.number().min(0).max(100),
    dryBase: z.number().min(1).max(100),
    dryAllowedLength: z.int().min(0).max(1_000_000),
    dryPenaltyLastN: z.int().min(-1).max(1_000_000),
    drySequenceBreakers: z.array(z.string().min(1).max(64)).max(64),
    mirostat: z.union([z.literal(0), z.literal(2)]),
    mirostatTau: z.number().min(0).max(100),
    mirostatEta: z.number().min(0).max(10),
    seed: z.int().min(0).max(0xffff_ffff),
    /** Token id → addend to its logit, −100…100. */
    logitBias: z.record(z.string().regex(/^\d{1,9}$/), z.number().min(-100).max(100)),
  })
  .partial()
export type SamplingOptions = z.infer<typeof SamplingOptions>

export const SAMPLING_DEFAULTS = Object.freeze({
  temperature: 0.8,
  temperatureRange: 0,
  temperatureExponent: 1,
  topK: 40,
  topP: 0.9,
  minP: 0.05,
  typicalP: 1,
  topNSigma: -1,
  xtcProbability: 0,
  xtcThreshold: 0.1,
  repeatPenalty: 1,
  repeatLastN: 64,
  frequencyPenalty: 0,
  presencePenalty: 0,
  dryMultiplier: 0,
  dryBase: 1.75,
  dryAllowedLength: 2,
  dryPenaltyLastN: -1,
  drySequenceBreakers: ["\n", ":", '"', "*"],
  mirostat: 0,
  mirostatTau: 5,
  mirostatEta: 0.1,
  logitBias: {},
} satisfies Omit<Required<SamplingOptions>, "seed">)

/**
 * What happens to a conversation that is longer than the context. `refuse` (the default) is an error with both numbers;
 * `drop-oldest` leaves out the oldest turns, never the system text nor the last user turn; `summarise` puts the model's own summary in their place.
 * Whatever was left out is said in the `start` event.
 */
export const OverflowPolicy = z.enum(["refuse", "drop-oldest", "summarise"])
export type OverflowPolicy = z.infer<typeof OverflowPolicy>

export const ChatRequest = z.object({
  model: z.string(),
  messages: z.array(Message).min(1).max(REQUEST_LIMITS.messages),
  tools: z.array(ToolDefinition).max(REQUEST_LIMITS.tools).optional(),
  toolChoice: ToolChoice.optional(),
  parallelToolCalls: z.boolean().optional(),
  responseFormat: ResponseFormat.optional(),
  sampling: SamplingOptions.optional(),
  stop: z
    .array(z.string().min(1).max(REQUEST_LIMITS.stopStringBytes))
    .max(REQUEST_LIMITS.stopStrings)
    .optional(),
  maxTokens: z.int().min(0).optional(),
  /** Context length to load the model with, tokens. */
  contextLength: z.int().min(64).optional(),
  /** Undefined: as the template does by itself. */
  think: z.boolean().optional(),
  /** 0: only the chosen token's log-probability; n: the n best too. */
  topLogprobs: z.int().min(0).max(REQUEST_LIMITS.topLogprobs).optional(),
  overflow: OverflowPolicy.optional(),
  /**
   * Guess tokens that the text has had before, and check several in one step. The text is chosen as without; a request with a seed does
   * without, lest the last bits of results change. Undefined: as the server is set.
   */
  speculate: z.boolean().optional(),
  /** Continue the last message, which is the assistant's, in place of beginning a new one. */
  continueLast: z.boolean().optional(),
  /** False: the system text goes to the model as it came. Undefined: as the setting `cache.normalise` says. */
  normalise: z.boolean().optional(),
})
export type ChatRequest = z.infer<typeof ChatRequest>
