// One answer: the request joined with the model's own defaults, its turn, a lease, and the engine's events with the app's timings and notices.
import type { GenerateOptions } from "@fireside/engine"
import type { StoredModel } from "@fireside/library"
import {
  AppError,
  type ChatEvent,
  type ChatRequest,
  type Dropped,
  defined,
  type Message,
} from "@fireside/protocol"
import { type CompletionRequest, LOCAL_OWNER, type RunOptions } from "./app.ts"
import { normaliseRequest } from "./cache-normalisation/normalise-messages.ts"
import { boundAnswer, type ChatPrompt } from "./context-bounds.ts"
import type { InsertedSystem } from "./inserted-system.ts"
import { type Lease, resolveModel } from "./leases.ts"
import { fitChat } from "./overflow.ts"
import type { Parts } from "./parts.ts"
import { temporaryLabel } from "./prefixes/temporary-label.ts"
import { costOfChat, costOfPrompt } from "./queue/turn-cost.ts"
import { type Scheduling, takeModel } from "./take-model.ts"

export interface Generation extends Scheduling {
  readonly insertedSystem: InsertedSystem
}

/** See `App.chat`. */
export async function* chat(
  generation: Generation,
  request: ChatRequest,
  options: RunOptions,
  signal: AbortSignal,
): AsyncIterable<ChatEvent> {
  const { parts, insertedSystem } = generation
  const startedAt = parts.clock.monotonic()
  const stored = await resolveModel(parts, request.model)
  refuseImages(request, stored)
  const { model: reference, contextLength } = request
  const wish = { reference, stored, use: "generate", contextLength, cost: costOfChat(request) } as const
  await using lease = await takeModel(generation, wish, options, signal)
  const { model } = lease
  const { messages, names: normalised } = normaliseRequest(request, parts.normalises)
  const asked: ChatPrompt = {
    type: "chat",
    messages,
    ...defined({ tools: request.tools, think: request.think, continueLast: request.continueLast }),
  }
  const generate: GenerateOptions = {
    ...generateOptions(parts, request, stored, options),
    ...defined({ toolChoice: request.toolChoice, parallelToolCalls: request.parallelToolCalls }),
  }
  const withOwn = (kept: readonly Message[]): ChatPrompt => ({
    ...asked,
    messages: withModelMessages(kept, stored),
  })
  const { overflow: policy = "refuse" } = request
  const fitted = await fitChat({ lease, policy, withOwn, generate }, messages, signal)
  const { prompt } = fitted
  const tells =
    options.tellInsertedSystem !== false && prompt.messages.every((message) => message.role !== "system")
  const lastNotice = async (): Promise<string | undefined> => {
    const text = tells ? await insertedSystem.findUntold(model, signal) : undefined
    return text === undefined
      ? undefined
      : `The model's template put a system text in front: ${JSON.stringify(text)}`
  }
  const timed: Timed = { parts, lease, startedAt, lastNotice, dropped: fitted.dropped, normalised }
  yield* retime(timed, model.generate(prompt, { ...generate, ...fitted.bounds }, signal))
}

/** See `App.complete`. */
export async function* complete(
  generation: Generation,
  request: CompletionRequest,
  options: RunOptions,
  signal: AbortSignal,
): AsyncIterable<ChatEvent> {
  const { parts } = generation
  const startedAt = parts.clock.monotonic()
  const stored = await resolveModel(parts, request.model)
  const { model: reference, contextLength, prompt } = request
  const cost = costOfPrompt(prompt, request.maxTokens)
  const wish = { reference, stored, use: "generate", contextLength, cost } as const
  await using lease = await takeModel(generation, wish, options, signal)
  const generate = generateOptions(parts, request, stored, options)
  const bounds = await boundAnswer({ lease, generate }, prompt, signal)
  const timed: Timed = { parts, lease, startedAt, lastNotice: async () => undefined, dropped: undefined }
  yield* retime(timed, lease.model.generate(prompt, { ...generate, ...bounds }, signal))
}

function refuseImages({ messages, model }: ChatRequest, stored: StoredModel | undefined): void {
  const at = messages.findIndex((message) => message.role === "user" && (message.images?.length ?? 0) > 0)
  if (at < 0) return
  throw new AppError("unsupported", {
    message: `${stored?.summary.name ?? model} reads text only; message ${at + 1} has an image.`,
    hint: "Leave the images out.",
  })
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

type Generating = Pick<
  ChatRequest,
  "sampling" | "maxTokens" | "responseFormat" | "topLogprobs" | "speculate"
> & {
  readonly stop?: readonly string[] | undefined
}

function generateOptions(
  parts: Parts,
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
      speculate: request.speculate ?? parts.speculation,
      id: options.id,
    }),
    cacheOwner: options.owner ?? LOCAL_OWNER,
    ...cacheWish(options),
  }
}

function cacheWish({ temporary, cacheLabel, owner = LOCAL_OWNER }: RunOptions) {
  if (temporary === undefined) return defined({ cacheLabel })
  return { cacheLabel: temporaryLabel(temporary, owner), cacheOnDisk: false }
}

interface Timed {
  readonly parts: Parts
  readonly lease: Lease
  /** Of the request, on the monotonic clock. */
  readonly startedAt: number
  /** Asked for when the answer is there: finding it must not hold up the first word. */
  readonly lastNotice: () => Promise<string | undefined>
  readonly dropped: Dropped | undefined
  /** See `Timings`; nothing is said when nothing was changed. */
  readonly normalised?: readonly string[]
}

/** The same events: notices of the plan after `start`, and timings that count from the request, loading included. */
async function* retime(
  { parts, lease, startedAt, lastNotice, dropped, normalised = [] }: Timed,
  events: AsyncIterable<ChatEvent>,
): AsyncIterable<ChatEvent> {
  let firstContentAt: number | undefined
  for await (const event of events) {
    switch (event.type) {
      case "start":
        yield dropped === undefined ? event : { ...event, dropped }
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
          ...(normalised.length === 0 ? {} : { normalised }),
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
