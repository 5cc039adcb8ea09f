// A request's own context length, where its model was loaded with more: the prompt is counted, and the answer bounded by what is left.
import type { GenerateOptions, Model, Prompt } from "@fireside/engine"
import { AppError } from "@fireside/protocol"
import type { Lease } from "./leases.ts"

export type ChatPrompt = Extract<Prompt, { type: "chat" }>

/** What a request may use of the model it has. */
export interface ContextUse {
  readonly lease: Pick<Lease, "model" | "plan" | "contextLength">
  readonly generate: GenerateOptions
}

/** Most tokens of the answer; empty where the engine's own bounds are the request's. Throws `context-overflow` with both numbers. */
export async function boundAnswer(
  { lease, generate }: ContextUse,
  prompt: Prompt,
  signal: AbortSignal,
): Promise<Pick<GenerateOptions, "maxTokens">> {
  if (lease.contextLength >= lease.plan.contextLength) return {}
  const promptTokens = await countTokens(lease.model, prompt, signal)
  return bounds({ lease, generate }, promptTokens)
}

/** The same for a prompt that was counted. */
export function bounds(
  { lease: { contextLength }, generate }: ContextUse,
  promptTokens: number,
): Pick<GenerateOptions, "maxTokens"> {
  if (promptTokens >= contextLength) throw contextOverflow(promptTokens, contextLength)
  return { maxTokens: Math.min(generate.maxTokens ?? Number.POSITIVE_INFINITY, contextLength - promptTokens) }
}

/** Bytes of a token, for texts that are so long that the engine does not count them. */
const BYTES_PER_TOKEN = 4

/** Of a prompt of any length: the engine renders none that its context cannot hold, but says how long it is. */
export async function countTokens(model: Model, prompt: Prompt, signal: AbortSignal): Promise<number> {
  try {
    return (await model.render(prompt, signal)).tokens.length
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "context-overflow") throw error
    const { promptTokens, promptBytes } = error.details
    if (typeof promptTokens === "number") return promptTokens
    if (typeof promptBytes === "number") return Math.ceil(promptBytes / BYTES_PER_TOKEN)
    throw error
  }
}

export function contextOverflow(promptTokens: number, contextLength: number): AppError {
  return new AppError("context-overflow", {
    message: `The prompt has ${promptTokens} tokens, the context ${contextLength}.`,
    hint: "Shorten the conversation, or ask for a longer context.",
    details: { promptTokens, contextLength },
  })
}
