// The app out of its parts. Nothing is opened here: each use case opens what it needs.
import { join } from "node:path"
import type { Model } from "@fireside/engine"
import type { App, RunOptions } from "./app.ts"
import { createJobs } from "./background-jobs.ts"
import { chat, complete, leaseRequest, withModelMessages } from "./chat.ts"
import { createConversations } from "./conversations/create-conversations.ts"
import { examine } from "./doctor.ts"
import { toFirstRun } from "./first-run.ts"
import { createInsertedSystem } from "./inserted-system.ts"
import { createKeys } from "./keys/create-keys.ts"
import { createLastModel } from "./last-model.ts"
import { createLeases, type Lease } from "./leases.ts"
import { createModels } from "./models.ts"
import type { Parts } from "./parts.ts"
import { createPrivacy } from "./privacy.ts"
import { createRerank } from "./rerank.ts"
import { createResponses } from "./responses/create-responses.ts"
import { createSavedChats } from "./saved-chats.ts"

/** Takes over `parts`: closing the app closes them. */
export function createApp(parts: Parts): App {
  const leases = createLeases(parts)
  const models = createModels(parts, leases)
  const keys = createKeys(parts)
  const jobs = createJobs(parts)
  const lastModel = createLastModel(parts)
  const insertedSystem = createInsertedSystem()
  const generation = { parts, leases, insertedSystem }

  const lease = (
    request: { readonly model: string; readonly contextLength?: number | undefined },
    options: RunOptions,
    signal: AbortSignal,
  ): Promise<Lease> => leases.acquire(leaseRequest(parts, request, options), signal)

  const chatWith: App["chat"] = async function* (request, options, signal) {
    for await (const event of chat(generation, request, options, signal)) {
      if (event.type === "start") await lastModel.remember(request.model)
      yield event
    }
  }

  const findLastModel: App["lastModel"] = async () => {
    const name = parts.defaultModel ?? (await lastModel.read())
    return name !== undefined && (await models.has(name)) ? name : undefined
  }

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
    complete: (request, options, signal) => complete(generation, request, options, signal),
    async load(request, options, signal) {
      await using held = await lease(request, options, signal)
      return { facts: held.model.facts, loadMs: held.loadMs, notices: held.notices }
    },
    async embed(request, options, signal) {
      const startedAt = parts.clock.monotonic()
      const wish = { ...options.wish, embeddings: true }
      await using held = await lease(request, { ...options, wish }, signal)
      const { texts, promptTokens } = await asTexts(held.model, request.texts, signal)
      const vectors = await held.model.embed(texts, signal)
      return {
        promptTokens,
        model: held.model.facts.name,
        vectors,
        loadMs: held.loadMs,
        totalMs: parts.clock.monotonic() - startedAt,
      }
    },
    rerank: createRerank(generation),
    async tokenize({ model, text, special = false, addBos = false }, signal) {
      await using held = await lease({ model }, {}, signal)
      return await held.model.tokenize(text, { special, addBos }, signal)
    },
    async detokenize({ model, tokens }, signal) {
      await using held = await lease({ model }, {}, signal)
      return await held.model.detokenize(tokens, signal)
    },
    async render(request, signal) {
      await using held = await lease(request, {}, signal)
      const { tools, think, continueLast } = request
      const rendered = await held.model.render(
        {
          type: "chat",
          messages: withModelMessages(request.messages, held.stored),
          ...(tools === undefined ? {} : { tools }),
          ...(think === undefined ? {} : { think }),
          ...(continueLast === undefined ? {} : { continueLast }),
        },
        signal,
      )
      return { ...rendered, contextLength: held.model.facts.contextLength }
    },
    async insertedSystem(model, signal) {
      await using held = await lease({ model }, {}, signal)
      return await insertedSystem.find(held.model, signal)
    },
    models,
    chats: createSavedChats(parts),
    historyFile: join(parts.paths.home, "history"),
    privacy: createPrivacy(parts),
    settings: parts.settings,
    jobs,
    keys,
    conversations: createConversations(parts, { chat: chatWith, lastModel: findLastModel }),
    responses: createResponses(parts),
    machine: () => parts.hardware(),
    activity: () => leases.activity(),
    async firstRun() {
      const [library, hardware, fit] = await Promise.all([parts.library(), parts.hardware(), parts.fit()])
      return toFirstRun(fit.proposeModel(library.catalogue(), hardware), hardware)
    },
    doctor: async (signal) => examine(await parts.doctorProbes(), signal),
    lastModel: findLastModel,
    async [Symbol.asyncDispose]() {
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

/** Token ids as the text they stand for, and how many tokens there are in all. */
async function asTexts(
  model: Model,
  inputs: readonly (string | readonly number[])[],
  signal: AbortSignal,
): Promise<{ texts: readonly string[]; promptTokens: number }> {
  let promptTokens = 0
  const texts: string[] = []
  for (const input of inputs) {
    if (typeof input === "string") {
      promptTokens += (await model.tokenize(input, { special: false, addBos: true }, signal)).length
      texts.push(input)
    } else {
      promptTokens += input.length
      texts.push(await model.detokenize(input, signal))
    }
  }
  return { texts, promptTokens }
}
