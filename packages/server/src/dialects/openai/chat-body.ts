// The body of a chat, field by field. What is not here is not looked at and is listed in the answer's header: `user`, `metadata`, `store` and
// others that mean nothing on one's own machine.
import { OverflowPolicy, REQUEST_LIMITS, z } from "@fireside/protocol"
import { CHOICES_FIELD, GENERATION_FIELDS, TokenLimit } from "./generation-fields.ts"
import { WireMessages } from "./messages.ts"

const WireTool = z.object({
  type: z.string(),
  function: z
    .object({
      name: z.string().min(1).max(256),
      description: z.string().nullish(),
      parameters: z.record(z.string(), z.unknown()).nullish(),
    })
    .optional(),
})
export type WireTool = z.output<typeof WireTool>

const WireToolChoice = z.union([
  z.enum(["none", "auto", "required"]),
  z.object({ type: z.string(), function: z.object({ name: z.string() }).optional() }),
])
export type WireToolChoice = z.output<typeof WireToolChoice>

export const ChatBody = z.object({
  ...GENERATION_FIELDS,
  model: z.string().min(1),
  messages: WireMessages,
  tools: z.array(WireTool).max(REQUEST_LIMITS.tools).nullish(),
  tool_choice: WireToolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  max_completion_tokens: TokenLimit.nullish(),
  n: CHOICES_FIELD,
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(REQUEST_LIMITS.topLogprobs).nullish(),
  /** `none` and `minimal`: answer without thinking; the others: think, where the model can. Left out: as the model does by itself. */
  reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]).nullish(),
  think: z.boolean().nullish(),
  chat_template_kwargs: z.looseObject({ enable_thinking: z.boolean().nullish() }).nullish(),
  /** What happens to a conversation that is longer than the context. Defaults to `refuse`. */
  context_overflow: OverflowPolicy.nullish(),
  /** Go on with the last message, which is the assistant's. */
  continue_final_message: z.boolean().nullish(),
  add_generation_prompt: z.boolean().nullish(),
  modalities: z.array(z.string()).nullish(),
})
export type ChatBody = z.output<typeof ChatBody>

/** What OpenAI's API has and this server has not, with the reason; null is taken as absent. */
export const REFUSED_CHAT_FIELDS = {
  functions: "is not supported: use `tools`",
  function_call: "is not supported: use `tool_choice`",
  audio: "is not supported: no model here speaks",
  web_search_options: "is not supported: nothing is looked up for a request",
} as const
