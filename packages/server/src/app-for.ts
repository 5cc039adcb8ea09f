// The app as one caller may use it: the models its key names, in its own name, with its tokens counted. Every route gets this one, so no
// dialect can forget it.
import type { App, RunOptions } from "@fireside/app"
import type { ChatEvent } from "@fireside/protocol"
import { type Caller, mayUseModel, requireModel } from "./caller.ts"
import type { Meter } from "./metrics/meter.ts"

export interface AppForOptions {
  readonly app: App
  readonly caller: Caller
  readonly meter: Meter
  /** Milliseconds, monotonic. */
  readonly now: () => number
}

export function appFor({ app, caller, meter, now }: AppForOptions): App {
  const named = (options: RunOptions): RunOptions => ({ ...options, owner: caller.owner })
  const spend = (tokens: number): void => {
    if (caller.key !== undefined) void app.keys.spend(caller.key.id, tokens)
  }
  const counted = (events: AsyncIterable<ChatEvent>): AsyncIterable<ChatEvent> =>
    count(events, { meter, now, spend })
  const own: Partial<App> = {
    chat(request, options, signal) {
      requireModel(caller, request.model)
      return counted(app.chat(request, named(options), signal))
    },
    complete(request, options, signal) {
      requireModel(caller, request.model)
      return counted(app.complete(request, named(options), signal))
    },
    async embed(request, options, signal) {
      requireModel(caller, request.model)
      const answer = await app.embed(request, named(options), signal)
      spend(answer.promptTokens)
      return answer
    },
    async rerank(request, options, signal) {
      requireModel(caller, request.model)
      const answer = await app.rerank(request, named(options), signal)
      spend(answer.promptTokens)
      return answer
    },
    async load(request, options, signal) {
      requireModel(caller, request.model)
      return app.load(request, named(options), signal)
    },
    async tokenize(request, signal) {
      requireModel(caller, request.model)
      return app.tokenize(request, signal)
    },
    async detokenize(request, signal) {
      requireModel(caller, request.model)
      return app.detokenize(request, signal)
    },
    async render(request, signal) {
      requireModel(caller, request.model)
      return app.render(request, signal)
    },
    async insertedSystem(model, signal) {
      requireModel(caller, model)
      return app.insertedSystem(model, signal)
    },
    models: Object.assign(Object.create(app.models) as App["models"], {
      list: async () => (await app.models.list()).filter((model) => mayUseModel(caller, model.name)),
      running: async () => (await app.models.running()).filter((model) => mayUseModel(caller, model.name)),
      async show(reference: string) {
        requireModel(caller, reference)
        return app.models.show(reference)
      },
      async modelfile(reference: string) {
        requireModel(caller, reference)
        return app.models.modelfile(reference)
      },
    } satisfies Partial<App["models"]>),
    conversations: Object.assign(Object.create(app.conversations) as App["conversations"], {
      chat(id, turn, options, signal) {
        if (turn.model !== undefined) requireModel(caller, turn.model)
        return counted(app.conversations.chat(id, turn, named(options), signal))
      },
    } satisfies Partial<App["conversations"]>),
  }
  return Object.assign(Object.create(app) as App, own)
}

interface Counting {
  readonly meter: Meter
  readonly now: () => number
  readonly spend: (tokens: number) => void
}

async function* count(
  events: AsyncIterable<ChatEvent>,
  { meter, now, spend }: Counting,
): AsyncGenerator<ChatEvent> {
  let model = ""
  let deltas = 0
  let firstAt = 0
  let lastAt = 0
  for await (const event of events) {
    switch (event.type) {
      case "start":
        model = event.model
        break
      case "text-delta":
      case "reasoning-delta":
      case "tool-call-delta":
        lastAt = now()
        if (deltas === 0) firstAt = lastAt
        deltas += 1
        break
      case "finish": {
        const { usage, timings } = event
        spend(usage.promptTokens + usage.completionTokens)
        const interTokenSeconds = deltas > 1 ? (lastAt - firstAt) / (deltas - 1) / 1_000 : undefined
        meter.answer({ model, usage, timings, interTokenSeconds })
        break
      }
      case "error":
        meter.failure({ model, code: event.code })
        break
      case "prompt-progress":
      case "tool-call-start":
      case "tool-call-end":
      case "source":
      case "notice":
        break
      default:
        event satisfies never
    }
    yield event
  }
}
