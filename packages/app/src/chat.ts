// One answer: the request joined with the model's own defaults, a lease, and the engine's events with the app's timings and notices.
import type { GenerateOptions, Prompt } from "@fireside/engine"
import type { LoadWish } from "@fireside/fit"
import type { StoredModel } from "@fireside/library"
import type { ChatEvent, ChatRequest, Message } from "@fireside/protocol"
import type { CompletionRequest, RunOptions } from "./app.ts"
import type { InsertedSystem } from "./inserted-system.ts"
import type { Lease, LeaseRequest, Leases } from "./leases.ts"
import type { Parts } from "./parts.ts"

export interface Generation {
  readonly parts: Parts
  readonly leases: Leases
  readonly insertedSystem: InsertedSystem
}

/** See `App.chat`. */
export async function* chat(
  { parts, leases, insertedSystem }: Generation,
  request: ChatRequest,
  options: RunOptions,
  signal: AbortSignal,
): AsyncIterable<ChatEvent> {
  const startedAt = parts.clock.monotonic()
  await using lease = await leases.acquire(leaseRequest(parts, request, options), signal)
  const { stored, model } = lease
  const prompt: Extract<Prompt, { type: "chat" }> = {
    type: "chat",
    messages: withModelMessages(request.messages, stored),
    ...defined({ tools: request.tools, think: request.think, continueLast: request.continueLast }),
  }
  const generate: GenerateOptions = {
    ...generateOptions(request, stored, options),
    ...defined({ toolChoice: request.toolChoice, parallelToolCalls: request.parallelToolCalls }),
  }
  const tells =
    options.tellInsertedSystem !== false && prompt.messages.every((message) => message.role !== "system")
  const lastNotice = async (): Promise<string | undefined> => {
    const text = tells ? await insertedSystem.findUntold(model, signal) : undefined
    return text === undefined
      ? undefined
      : `The model's template put a system text in front: ${JSON.stringify(text)}`
  }
  yield* retime({ parts, lease, startedAt, lastNotice }, model.generate(prompt, generate, signal))
}

/** See `App.complete`. */
export async function* complete(
  { parts, leases }: Generation,
  request: CompletionRequest,
  options: RunOptions,
  signal: AbortSignal,
): AsyncIterable<ChatEvent> {
  const startedAt = parts.clock.monotonic()
  await using lease = await leases.acquire(leaseRequest(parts, request, options), signal)
  const generate = generateOptions(request, lease.stored, options)
  const timed: Timed = { parts, lease, startedAt, lastNotice: async () => undefined }
  yield* retime(timed, lease.model.generate(request.prompt, generate, signal))
}

/** The messages as the model gets them: its own system text and examples first, unless the request brings a system text. */
export function withModelMessages(
  messages: readonly Message[],
  stored: StoredModel | undefined,
): readonly Message[] {
  const own: Message[] = []
  const system = messages.some((message) => message.role === "system")
  if (!system && stored?.system !== undefined && stored.system !== "")
    own.push({ role: "system", content: stored.system })
  const examples = (stored?.messages ?? []).filter((message) => !(system && message.role === "system"))
  if (own.length === 0 && examples.length === 0) return messages
  const leading = messages.findIndex((message) => message.role !== "system")
  const at = leading === -1 ? messages.length : leading
  return [...own, ...messages.slice(0, at), ...examples, ...messages.slice(at)]
}

/** A lease for a request, with the context length it asks for; what it leaves open, the model and then the settings say. */
export function leaseRequest(
  parts: Parts,
  request: { readonly model: string; readonly contextLength?: number | undefined },
  options: RunOptions,
): LeaseRequest {
  const wish: LoadWish = {
    ...options.wish,
    ...defined({ contextLength: request.contextLength }),
  }
  return {
    reference: request.model,
    wish,
    keepAliveMs: options.keepAliveMs ?? parts.keepAliveMs,
    ...defined({ onLoad: options.onLoad }),
  }
}

type Generating = Pick<ChatRequest, "sampling" | "maxTokens" | "responseFormat" | "topLogprobs"> & {
  readonly stop?: readonly string[] | undefined
}

function generateOptions(
  request: Generating,
  stored: StoredModel | undefined,
  options: RunOptions,
): GenerateOptions {
  return {
    sampling: { ...stored?.sampling, ...request.sampling },
    ...defined({
      stop: request.stop ?? stored?.stop,
      maxTokens: request.maxTokens ?? stored?.maxTokens,
      format: request.responseFormat,
      adapters: stored?.adapters,
      topLogprobs: request.topLogprobs,
      id: options.id,
    }),
  }
}

interface Timed {
  readonly parts: Parts
  readonly lease: Lease
  /** Of the request, on the monotonic clock. */
  readonly startedAt: number
  /** Asked for when the answer is there: finding it must not hold up the first word. */
  readonly lastNotice: () => Promise<string | undefined>
}

/** The same events: notices of the plan after `start`, and timings that count from the request, loading included. */
async function* retime(
  { parts, lease, startedAt, lastNotice }: Timed,
  events: AsyncIterable<ChatEvent>,
): AsyncIterable<ChatEvent> {
  let firstContentAt: number | undefined
  for await (const event of events) {
    switch (event.type) {
      case "start":
        yield event
        for (const message of lease.notices) yield { type: "notice", message }
        break
      case "text-delta":
      case "reasoning-delta":
      case "tool-call-start":
        firstContentAt ??= parts.clock.monotonic()
        yield event
        break
      case "finish": {
        const endedAt = parts.clock.monotonic()
        const timings = {
          ...event.timings,
          loadMs: lease.loadMs,
          ttftMs: (firstContentAt ?? endedAt) - startedAt,
          totalMs: endedAt - startedAt,
        }
        const message = await lastNotice().catch((error: unknown) => {
          parts.log.debug("the template was not looked at", { error })
          return undefined
        })
        if (message !== undefined) yield { type: "notice", message }
        yield { ...event, timings }
        break
      }
      case "prompt-progress":
      case "tool-call-delta":
      case "tool-call-end":
      case "source":
      case "notice":
      case "error":
        yield event
        break
      default:
        event satisfies never
    }
  }
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Without the properties that are undefined: optional properties here are absent, never undefined. */
function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>
}
