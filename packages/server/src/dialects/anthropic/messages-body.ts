// The body of a message request, field by field. What is not here is not looked at and is listed in the answer's header.
import { GGUF_LIMITS, OverflowPolicy, REQUEST_LIMITS, z } from "@fireside/protocol"
import { TextContent, Turns } from "./content-blocks.ts"

/** More than any context holds is no limit, and is taken as the longest. */
const TokenLimit = z
  .int()
  .min(1)
  .transform((value) => Math.min(value, GGUF_LIMITS.contextLength))

const WireTool = z.object({
  /** Absent, null or `custom`: the client runs it. Everything else is a tool that Anthropic's servers run or define. */
  type: z.string().nullish(),
  name: z.string().min(1).max(256),
  description: z.string().nullish(),
  input_schema: z.record(z.string(), z.unknown()).optional(),
})
export type WireTool = z.output<typeof WireTool>

const parallel = { disable_parallel_tool_use: z.boolean().nullish() }

const WireToolChoice = z.discriminatedUnion("type", [
  z.object({ type: z.literal("auto"), ...parallel }),
  z.object({ type: z.literal("any"), ...parallel }),
  z.object({ type: z.literal("tool"), name: z.string(), ...parallel }),
  z.object({ type: z.literal("none") }),
])
export type WireToolChoice = z.output<typeof WireToolChoice>

const Thinking = z.discriminatedUnion("type", [
  /** How much is thought is the model's affair; that it thinks is ours. */
  z.object({ type: z.literal("enabled"), budget_tokens: TokenLimit.nullish() }),
  z.object({ type: z.literal("disabled") }),
  z.object({ type: z.literal("adaptive") }),
  z.object({ type: z.literal("between_tools") }),
])
export type Thinking = z.output<typeof Thinking>

const JsonFormat = z.object({
  type: z.literal("json_schema"),
  schema: z.record(z.string(), z.unknown()),
})

/** What the model reads; counting takes these alone. */
const PROMPT_FIELDS = {
  model: z.string().min(1),
  messages: Turns,
  system: TextContent.nullish(),
  tools: z.array(WireTool).max(REQUEST_LIMITS.tools).nullish(),
  tool_choice: WireToolChoice.nullish(),
  thinking: Thinking.nullish(),
  output_config: z.object({ format: JsonFormat.nullish() }).nullish(),
  /** Where `output_config.format` was before. */
  output_format: JsonFormat.nullish(),
}

/** `max_tokens` and the like may come along: clients count with the body that they would send. */
export const CountBody = z.object(PROMPT_FIELDS)
export type CountBody = z.output<typeof CountBody>

export const MessagesBody = z.object({
  ...PROMPT_FIELDS,
  max_tokens: TokenLimit,
  stream: z.boolean().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(0).max(1_000_000).nullish(),
  stop_sequences: z
    .array(z.string().min(1).max(REQUEST_LIMITS.stopStringBytes))
    .max(REQUEST_LIMITS.stopStrings)
    .nullish(),
  /** Who the client's user is: nobody here is told. */
  metadata: z.looseObject({}).nullish(),
  /** Ours. What happens to a conversation that is longer than the context. Defaults to `refuse`. */
  context_overflow: OverflowPolicy.nullish(),
})
export type MessagesBody = z.output<typeof MessagesBody>
