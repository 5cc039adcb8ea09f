// The app as one caller may use it: the models its key names, in its own name, with its tokens counted. Every route gets this one, so no
// dialect can forget it.
import type { App, ConvertRequest, CreateRequest, RunOptions } from "@fireside/app"
import { AppError, type ChatEvent } from "@fireside/protocol"
import { type Caller, hasModelList, mayUseModel, namesFile, requireModel } from "./caller.ts"
import type { Meter } from "./metrics/meter.ts"
import { tellReason } from "./stream/tell-reason.ts"

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
  const counted = (events: AsyncIterable<ChatEvent>, signal: AbortSignal): AsyncIterable<ChatEvent> =>
    tellReason(count(events, { meter, now, spend }), signal)
  const requireTurnModel = async (id: string, wished: string | undefined): Promise<void> => {
    if (caller.key === undefined) return
    const own = wished ?? (await app.conversations.get(id, caller.owner)).model
    // A conversation without a model takes the one used last, whoever used it.
    const model = own === "" ? await app.lastModel() : own
    if (model !== undefined) requireModel(caller, model)
  }
  const own: Partial<App> = {
    chat(request, options, signal) {
      requireModel(caller, request.model)
      return counted(app.chat(request, named(options), signal), signal)
    },
    complete(request, options, signal) {
      requireModel(caller, request.model)
      return counted(app.complete(request, named(options), signal), signal)
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
    erase: (wish) => app.erase({ ...wish, owner: caller.owner }),
    models: modelsFor(app.models, caller),
    bench: {
      run(request, signal) {
        requireModel(caller, request.model)
        return app.bench.run(request, signal)
      },
      async history(model) {
        if (model !== undefined) requireModel(caller, model)
        return (await app.bench.history(model)).filter((report) => mayUseModel(caller, report.model))
      },
    },
    jobs: jobsFor(app.jobs, caller),
    conversations: Object.assign(Object.create(app.conversations) as App["conversations"], {
      async *chat(id, turn, options, signal) {
        await requireTurnModel(id, turn.model)
        yield* counted(app.conversations.chat(id, turn, named(options), signal), signal)
      },
      async *summarise(id, wish, options, signal) {
        await requireTurnModel(id, wish.model)
        yield* counted(app.conversations.summarise(id, wish, named(options), signal), signal)
      },
      async title(id, wish, options, signal) {
        await requireTurnModel(id, wish.model)
        const answer = await app.conversations.title(id, wish, named(options), signal)
        if (answer.usage !== null) spend(answer.usage.promptTokens + answer.usage.completionTokens)
        return answer
      },
    } satisfies Partial<App["conversations"]>),
  }
  return Object.assign(Object.create(app) as App, own)
}

function modelsFor(models: App["models"], caller: Caller): App["models"] {
  const own = {
    list: async () => (await models.list()).filter((model) => mayUseModel(caller, model.name)),
    running: async () => (await models.running()).filter((model) => mayUseModel(caller, model.name)),
    async show(reference) {
      requireModel(caller, reference)
      return models.show(reference)
    },
    async modelfile(reference) {
      requireModel(caller, reference)
      return models.modelfile(reference)
    },
    async stop(reference, signal) {
      requireModel(caller, reference)
      return models.stop(reference, signal)
    },
    async remove(reference, options) {
      requireModel(caller, reference)
      return models.remove(reference, options)
    },
    removed: async () => (await models.removed()).filter((model) => mayUseModel(caller, model.name)),
    async restore(name) {
      requireModel(caller, name)
      return models.restore(name)
    },
    async contexts(reference) {
      requireModel(caller, reference)
      return models.contexts(reference)
    },
    async copy(from, to) {
      requireModel(caller, from)
      requireModel(caller, to)
      return models.copy(from, to)
    },
    create(request, signal) {
      requireModel(caller, request.name)
      requireSources(caller, request)
      return models.create(request, signal)
    },
    convert(request, signal) {
      requireCopy(caller, request)
      return models.convert(request, signal)
    },
    async convertBack(reference) {
      requireModel(caller, reference)
      return models.convertBack(reference)
    },
    pull(request, signal) {
      requireModel(caller, request.reference)
      return models.pull(request, signal)
    },
    importFile() {
      throw new AppError("unsupported", {
        message: "Files are imported on the machine itself: fireside import FILE",
      })
    },
    async verify(reference, signal) {
      requireModel(caller, reference)
      return models.verify(reference, signal)
    },
  } satisfies Partial<App["models"]>
  return Object.assign(Object.create(models) as App["models"], own)
}

/** Jobs are known by what they work on. */
function jobsFor(jobs: App["jobs"], caller: Caller): App["jobs"] {
  const check = async (id: string): Promise<void> => {
    if (hasModelList(caller)) requireModel(caller, (await jobs.get(id)).subject)
  }
  const own = {
    list: async () => (await jobs.list()).filter((job) => mayUseModel(caller, job.subject)),
    async get(id) {
      await check(id)
      return jobs.get(id)
    },
    async start(request) {
      switch (request.type) {
        case "pull":
          requireModel(caller, request.pull.reference)
          break
        case "create":
          requireModel(caller, request.create.name)
          requireSources(caller, request.create)
          break
        case "convert":
          requireCopy(caller, request.convert)
          break
        default:
          request satisfies never
      }
      return jobs.start(request)
    },
    async resume(id, options) {
      await check(id)
      return jobs.resume(id, options)
    },
    async cancel(id) {
      await check(id)
      return jobs.cancel(id)
    },
    async *events(id, signal) {
      await check(id)
      yield* jobs.events(id, signal)
    },
  } satisfies Partial<App["jobs"]>
  return Object.assign(Object.create(jobs) as App["jobs"], own)
}

function requireCopy(caller: Caller, { model, name }: ConvertRequest): void {
  if (namesFile(model))
    throw new AppError("bad-request", {
      message: `${JSON.stringify(model.slice(0, 200))} is a path of the server.`,
      hint: "Name a model of the library.",
    })
  requireModel(caller, model)
  if (name !== undefined) requireModel(caller, name)
}

/** Over HTTP a model is made of models and of what was uploaded, never of this machine's files, whoever asks. */
function requireSources(caller: Caller, request: CreateRequest): void {
  const uploaded = (source: string): boolean => /^blob:sha256[-:][0-9a-f]{64}$/.test(source)
  for (const source of [request.from, ...(request.adapters ?? [])]) {
    if (uploaded(source)) continue
    if (namesFile(source))
      throw new AppError("bad-request", {
        message: `${JSON.stringify(source.slice(0, 200))} is a path of the server.`,
        hint: "Upload the file as a blob, or name a model.",
      })
    requireModel(caller, source)
  }
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
  let promptTokens = 0
  let isSpent = false
  try {
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
          isSpent = true
          spend(usage.promptTokens + usage.completionTokens)
          const interTokenSeconds = deltas > 1 ? (lastAt - firstAt) / (deltas - 1) / 1_000 : undefined
          meter.answer({ model, usage, timings, interTokenSeconds })
          break
        }
        case "error":
          meter.failure({ model, code: event.code })
          break
        case "prompt-progress":
          promptTokens = event.doneTokens
          break
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
  } finally {
    // An answer that was left or that broke off: what was worked on, as far as it can be seen from here.
    if (!isSpent && promptTokens + deltas > 0) spend(promptTokens + deltas)
  }
}
