// The response as a whole: what was asked, told back, around what was answered.
import type { Extension } from "../../extension.ts"
import type { ResponsesBody } from "./responses-body.ts"

export interface OutputText {
  readonly type: "output_text"
  readonly text: string
  readonly annotations: readonly []
  readonly logprobs: readonly WireLogprob[]
}

interface Alternative {
  readonly token: string
  readonly logprob: number
  readonly bytes: readonly number[]
}

export interface WireLogprob extends Alternative {
  readonly top_logprobs: readonly Alternative[]
}

export interface SummaryText {
  readonly type: "summary_text"
  readonly text: string
}

export type ItemStatus = "in_progress" | "completed" | "incomplete"

export type OutputItem =
  | {
      readonly id: string
      readonly type: "message"
      readonly status: ItemStatus
      readonly role: "assistant"
      readonly content: readonly OutputText[]
    }
  | {
      readonly id: string
      readonly type: "reasoning"
      readonly status: ItemStatus
      readonly summary: readonly SummaryText[]
    }
  | {
      readonly id: string
      readonly type: "function_call"
      readonly status: ItemStatus
      readonly call_id: string
      readonly name: string
      /** As the model wrote it. */
      readonly arguments: string
    }

export interface ResponseUsage {
  readonly input_tokens: number
  readonly input_tokens_details: { readonly cached_tokens: number; readonly cache_write_tokens: 0 }
  readonly output_tokens: number
  readonly output_tokens_details: { readonly reasoning_tokens: number }
  readonly total_tokens: number
}

/** What changes while it is answered. */
export interface ResponseState extends Extension {
  readonly id: string
  readonly status: "in_progress" | "completed" | "incomplete" | "failed"
  readonly output: readonly OutputItem[]
  readonly error: { readonly code: string; readonly message: string } | null
  readonly incomplete_details: { readonly reason: "max_output_tokens" } | null
  readonly usage: ResponseUsage | null
}

export type ResponseObject = ResponseState & Readonly<Record<string, unknown>>

/** `createdAt`: seconds since 1970. */
export function responseObject(
  asked: ResponsesBody,
  createdAt: number,
): (state: ResponseState) => ResponseObject {
  const told = {
    instructions: asked.instructions ?? null,
    metadata: asked.metadata ?? {},
    model: asked.model,
    parallel_tool_calls: asked.parallel_tool_calls ?? true,
    previous_response_id: asked.previous_response_id ?? null,
    reasoning: { effort: asked.reasoning?.effort ?? null, summary: null },
    store: asked.store ?? true,
    temperature: asked.temperature ?? null,
    text: { format: asked.text?.format ?? { type: "text" } },
    tool_choice: asked.tool_choice ?? "auto",
    tools: asked.tools?.map((tool) => ({ ...tool, strict: tool.strict ?? null })) ?? [],
    top_logprobs: asked.top_logprobs ?? 0,
    top_p: asked.top_p ?? null,
    truncation: asked.truncation ?? "disabled",
    user: asked.user ?? null,
    max_output_tokens: asked.max_output_tokens ?? null,
    background: false,
  }
  return ({ id, status, output, error, incomplete_details, usage, ...more }) => ({
    id,
    object: "response",
    created_at: createdAt,
    status,
    error,
    incomplete_details,
    ...told,
    output,
    usage,
    ...more,
  })
}
