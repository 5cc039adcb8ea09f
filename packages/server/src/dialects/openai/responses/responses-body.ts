// The body of a response, field by field. What is not here is not looked at and is listed in the answer's header.
import { GGUF_LIMITS, OverflowPolicy, REQUEST_LIMITS, z } from "@fireside/protocol"
import { Input } from "./input-items.ts"

const WireTool = z.object({
  type: z.string(),
  name: z.string().min(1).max(256).optional(),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
})
export type WireTool = z.output<typeof WireTool>

const WireToolChoice = z.union([
  z.enum(["none", "auto", "required"]),
  z.object({
    type: z.string(),
    name: z.string().optional(),
    /** Of `allowed_tools`. */
    mode: z.enum(["auto", "required"]).optional(),
    tools: z
      .array(z.looseObject({ name: z.string().optional() }))
      .max(REQUEST_LIMITS.tools)
      .optional(),
  }),
])
export type WireToolChoice = z.output<typeof WireToolChoice>

const WireFormat = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text") }),
  z.object({ type: z.literal("json_object") }),
  z.object({
    type: z.literal("json_schema"),
    name: z.string().optional(),
    description: z.string().nullish(),
    schema: z.record(z.string(), z.unknown()),
    strict: z.boolean().nullish(),
  }),
])
export type WireFormat = z.output<typeof WireFormat>

export const ResponsesBody = z.object({
  model: z.string().min(1),
  input: Input,
  instructions: z.string().nullish(),
  previous_response_id: z.string().min(1).max(256).nullish(),
  /** Kept, so that a later request can go on from it. Defaults to true. */
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  tools: z.array(WireTool).max(REQUEST_LIMITS.tools).nullish(),
  tool_choice: WireToolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z.object({ format: WireFormat.nullish() }).nullish(),
  /** More than any context holds is no limit, and is taken as the longest. */
  max_output_tokens: z
    .int()
    .min(1)
    .transform((value) => Math.min(value, GGUF_LIMITS.contextLength))
    .nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_logprobs: z.int().min(0).max(REQUEST_LIMITS.topLogprobs).nullish(),
  /** `message.output_text.logprobs` is looked at; the others name what there is not. */
  include: z.array(z.string()).nullish(),
  /** `none` and `minimal`: answer without thinking; the others: think, where the model can. Left out: as the model does by itself. */
  reasoning: z
    .object({
      effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]).nullish(),
    })
    .nullish(),
  /** `auto`: the oldest turns of a conversation that is too long are left out, and the answer says so. Defaults to `disabled`: an error. */
  truncation: z.enum(["auto", "disabled"]).nullish(),
  /** Ours, and before `truncation` where both are given: also `summarise`. */
  context_overflow: OverflowPolicy.nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  user: z.string().nullish(),
  background: z.boolean().nullish(),
})
export type ResponsesBody = z.output<typeof ResponsesBody>

/** What OpenAI's API has and this server has not, with the reason; null is taken as absent. */
export const REFUSED_RESPONSES_FIELDS = {
  conversation: "is not supported: use `previous_response_id`",
  prompt: "is not supported: no prompts are stored here",
} as const
