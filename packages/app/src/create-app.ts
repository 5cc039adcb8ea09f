// The app out of its parts. Nothing is opened here: each use case opens what it needs.
import { join } from "node:path"
import { createAnswerSpeeds } from "./activity/answer-speeds.ts"
import { createLiveActivity } from "./activity/create-live-activity.ts"
import type { App, RunOptions } from "./app.ts"
import { createJobs } from "./background-jobs.ts"
import { createBench } from "./bench/create-bench.ts"
import { normaliseRequest } from "./cache-normalisation/normalise-messages.ts"
import { chat, complete, withModelMessages } from "./chat.ts"
import { createConversations } from "./conversations/create-conversations.ts"
import { examine } from "./doctor.ts"
import { createEmbed } from "./embed.ts"
import { proposeFirstRun } from "./first-run.ts"
import { createInsertedSystem } from "./inserted-system.ts"
import { readKernelSpeeds } from "./kernel-speeds.ts"
import { createKeys } from "./keys/create-keys.ts"
import { createLastModel } from "./last-model.ts"
import { createLeases, type Lease, type LeaseUse, resolveModel } from "./leases.ts"
import { createModels } from "./models.ts"
import type { Parts } from "./parts.ts"
import { createPrefixes } from "./prefixes/create-prefixes.ts"
import { createPrivacy } from "./privacy.ts"
import { createPrompts } from "./prompts/create-prompts.ts"
import { createTurns } from "./queue/turns.ts"
import { createRemovals } from "./removals.ts"
import { createRerank } from "./rerank.ts"
import { createResponses } from "./responses/create-responses.ts"
import { createSavedChats } from "./saved-chats.ts"
import { leaseRequest } from "./take-model.ts"

/** Takes over `parts`: closing the app closes them. */
export function createApp(parts: Parts): App {
  const leases = createLeases(parts, { queuedOf: (path) => turns.waitingOf(path) })
  const wished = parts.wish.streams ?? parts.wish.mostStreams ?? 1
  const turns = createTurns({
    clock: parts.clock,
    log: parts.log,
    queueLength: parts.queueLength,
    slots: (path) => leases.streamsOf(path) ?? wished,
  })
  const removals = createRemovals({ parts, leases, forgetGone: () => prefixes.forgetGone() })
  const models = createModels({ parts, leases, removals })
  const jobs = createJobs(parts)
  const lastModel = createLastModel(parts)
  const insertedSystem = createInsertedSystem()
  const generation = { parts, leases, turns, insertedSystem }

  /** Without a turn: for what does not make the model work. */
  const lease = async (
    {
      model: reference,
      contextLength,
    }: { readonly model: string; readonly contextLength?: number | undefined },
    { use, ...options }: RunOptions & { readonly use: LeaseUse },
    signal: AbortSignal,
  ): Promise<Lease> => {
    const stored = await resolveModel(parts, reference)
    return await leases.acquire(
      leaseRequest(parts, { reference, stored, use, contextLength }, options),
      signal,
    )
  }
  const look = { use: "look" } as const
  const prefixes = createPrefixes({
    parts,
    leases,
    models,
    lease: (model, signal) => lease({ model }, { use: "generate" }, signal),
  })
  const keys = createKeys(parts, prefixes.forget)

  const speeds = createAnswerSpeeds(parts.clock)
  const activity: App["activity"] = () => ({
    running: turns.running,
    waiting: turns.waiting,
    capacity: parts.queueLength + Math.max(wished, leases.streams()),
    models: leases.models(),
  })

  const chatWith: App["chat"] = async function* (request, options, signal) {
    for await (const event of speeds.follow(chat(generation, request, options, signal))) {
      if (event.type === "start") await lastModel.remember(request.model)
      yield event
    }
  }

  const findLastModel: App["lastModel"] = async () => {
    const name = parts.defaultModel ?? (await lastModel.read())
    return name !== undefined && (await models.has(name)) ? name : undefined
  }

  const conversations = createConversations(parts, {
    chat: chatWith,
    lastModel: findLastModel,
    forget: prefixes.forget,
  })

  return {
    async prepare() {
      try {
        const engine = await parts.engine()
        engine.prepare?.()
      } catch (error) {
        // The chat that follows meets the same failure and reports it.
        parts.log.debug("the engine was not prepared", { error })
      }
    },
    chat: chatWith,
    complete: (request, options, signal) => speeds.follow(complete(generation, request, options, signal)),
    async load(request, options, signal) {
      await using held = await lease(request, { ...options, use: "generate" }, signal)
      return { facts: held.model.facts, loadMs: held.loadMs, notices: held.notices }
    },
    embed: createEmbed(generation),
    rerank: createRerank(generation),
    async tokenize({ model, text, special = false, addBos = false }, signal) {
      await using held = await lease({ model }, look, signal)
      return await held.model.tokenize(text, { special, addBos }, signal)
    },
    async detokenize({ model, tokens }, signal) {
      await using held = await lease({ model }, look, signal)
      return await held.model.detokenize(tokens, signal)
    },
    async render(request, signal) {
      await using held = await lease(request, look, signal)
      const { tools, think, continueLast } = request
      const rendered = await held.model.render(
        {
          type: "chat",
          messages: withModelMessages(normaliseRequest(request, parts.normalises).messages, held.stored),
          ...(tools === undefined ? {} : { tools }),
          ...(think === undefined ? {} : { think }),
          ...(continueLast === undefined ? {} : { continueLast }),
        },
        signal,
      )
      return { ...rendered, contextLength: held.contextLength }
    },
    async insertedSystem(model, signal) {
      await using held = await lease({ model }, look, signal)
      return await insertedSystem.find(held.model, signal)
    },
    models,
    chats: createSavedChats(parts),
    historyFile: join(parts.paths.home, "history"),
    privacy: createPrivacy(parts),
    settings: parts.settings,
    jobs,
    keys,
    conversations,
    responses: createResponses(parts),
    prompts: createPrompts(parts),
    prefixes,
    bench: createBench(generation, { models, forget: prefixes.forget }),
    machine: () => parts.hardware(),
    activity,
    liveActivity: createLiveActivity({ parts, activity, speeds }),
    async storage() {
      const { reportStorage } = await import("./storage/report-storage.ts")
      return reportStorage(parts)
    },
    async erase(wish) {
      const { createErase } = await import("./storage/create-erase.ts")
      return createErase({ parts, conversations, models, forget: prefixes.forget })(wish)
    },
    async firstRun() {
      const [library, hardware, fit] = await Promise.all([parts.library(), parts.hardware(), parts.fit()])
      return proposeFirstRun({ library, hardware, fit, kernels: await readKernelSpeeds(parts) })
    },
    doctor: async (signal) => examine(await parts.doctorProbes(), signal),
    lastModel: findLastModel,
    async [Symbol.asyncDispose]() {
      removals[Symbol.dispose]()
      try {
        await jobs[Symbol.asyncDispose]()
        await leases[Symbol.asyncDispose]()
        await keys[Symbol.asyncDispose]()
      } finally {
        await parts[Symbol.asyncDispose]()
      }
    },
  }
}
