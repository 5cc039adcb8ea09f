// Conversations that remember: what is stored, and turns with a model. The question is on the disk before the model is asked,
// the answer before its end is told.
import { randomUUID } from "node:crypto"
import {
  AppError,
  type ChatRequest,
  type Conversation,
  defined,
  fromErrorBody,
  type StoredMessage,
  sentMessages,
  type TitleWish,
  type Usage,
} from "@fireside/protocol"
import { type App, LOCAL_OWNER, type RunOptions } from "../app.ts"
import type { Parts } from "../parts.ts"
import type { Prefixes } from "../prefixes/prefixes.ts"
import { type AnswerSoFar, createAnswerSoFar } from "./answer-so-far.ts"
import { createChangeFeed } from "./change-feed.ts"
import type { Conversations, ConversationTurn, NewMessage, TitleAnswer } from "./conversations.ts"
import { type ConversationParts, openConversations } from "./own-conversation.ts"
import { createStoredConversations } from "./stored-conversations.ts"
import { summaryRequest } from "./summary-request.ts"
import { exportConversations } from "./transfer/export-conversations.ts"
import { importConversations } from "./transfer/import-conversations.ts"
import { createTrash, refuseTrashed } from "./trash.ts"
import { cleanTitle, titleRequest } from "./written-title.ts"

export interface ConversationModels {
  readonly chat: App["chat"]
  /** For conversations and turns that name no model. */
  readonly lastModel: App["lastModel"]
  /** Takes away what was computed of a conversation's text. */
  readonly forget: Prefixes["forget"]
}

export function createConversations(
  parts: ConversationParts & Pick<Parts, "log">,
  models: ConversationModels,
): Conversations {
  const feed = createChangeFeed({
    clock: parts.clock,
    database: async () => (await openConversations(parts)).database,
  })
  const {
    question,
    begunAnswer,
    before: leadingTo,
    defaultTitleOf,
    giveTitle,
    ...stored
  } = createStoredConversations(parts, feed.wake)
  const trash = createTrash(parts, {
    onErased: (id) => models.forget({ type: "label", label: id }),
    onChange: feed.wake,
  })
  let sweptAt = Number.NEGATIVE_INFINITY

  /** What lay in the trash too long goes when somebody looks. A look does not fail for it. */
  async function sweepNowAndThen(): Promise<void> {
    if (parts.clock.monotonic() - sweptAt < SWEEP_EVERY_MS) return
    sweptAt = parts.clock.monotonic()
    await trash.sweep().catch((error: unknown) =>
      parts.log.warn("the trash was not swept", {
        reason: error instanceof AppError ? error.code : String(error),
      }),
    )
  }

  async function ask(id: string, turn: ConversationTurn, owner: string): Promise<readonly StoredMessage[]> {
    const { content, parentId, continueFrom } = turn
    if (continueFrom !== undefined) {
      if (content === undefined && parentId === undefined) return begunAnswer(id, continueFrom, owner)
      throw new AppError("bad-request", {
        message: "An answer either goes on or is a new one.",
        hint: "Send `continueFrom` without `content` and `parentId`.",
        details: { field: "continueFrom" },
      })
    }
    if (content === undefined) return question(id, parentId, owner)
    const asked = await stored.append(
      id,
      // Its answer must find room too: it would be asked for and then lost.
      { message: { role: "user", content }, roomAfter: 1, ...(parentId === undefined ? {} : { parentId }) },
      owner,
    )
    return question(id, asked.id, owner)
  }

  async function title(
    id: string,
    { model: wished, force = false }: TitleWish,
    options: RunOptions,
    signal: AbortSignal,
  ): Promise<TitleAnswer> {
    const owner = options.owner ?? LOCAL_OWNER
    const conversation = await stored.get(id, owner)
    const { exchange, title: given } = await defaultTitleOf(id, owner)
    if (exchange === undefined || (!force && conversation.title !== given))
      return { conversation, usage: null }
    const model = await nameModel(wished === undefined ? {} : { model: wished }, conversation, models)
    const answer = createAnswerSoFar()
    let usage: Usage | null = null
    const events = models.chat({ ...titleRequest(exchange), model }, { cacheLabel: id, ...options }, signal)
    for await (const event of events) {
      if (event.type === "error") throw fromErrorBody(event)
      if (event.type === "finish") ({ usage } = event)
      answer.add(event)
    }
    const written = cleanTitle(answer.message().content)
    if (written === undefined) return { conversation: await stored.get(id, owner), usage }
    // Whoever gave one meanwhile meant it.
    return {
      conversation: await giveTitle(id, { title: written, inPlaceOf: conversation.title }, owner),
      usage,
    }
  }

  return {
    ...stored,
    async list(page, owner) {
      await sweepNowAndThen()
      return stored.list(page, owner)
    },
    remove: trash.remove,
    restore: trash.restore,
    erase: trash.erase,
    emptyTrash: trash.empty,
    changes: feed.follow,
    export: (wish, owner) => exportConversations(parts, wish, owner),
    async import(bytes, owner, signal) {
      try {
        return await importConversations({ parts, bytes, owner }, signal)
      } finally {
        feed.wake()
      }
    },
    title,
    async *summarise(id, { before, ...wish }, options, signal) {
      const owner = options.owner ?? LOCAL_OWNER
      const conversation = await stored.get(id, owner)
      refuseTrashed(conversation)
      const older = await leadingTo(id, before, owner)
      const model = await nameModel(defined(wish), conversation, models)
      const answer = createAnswerSoFar()
      const request = { ...summaryRequest(conversation, older), model }
      for await (const event of models.chat(request, { cacheLabel: id, ...options }, signal)) {
        answer.add(event)
        const summary = answer.message().content.trim()
        if (event.type === "finish" && summary !== "")
          await stored.change(id, { shortened: { from: before, summary } }, owner)
        yield event
      }
    },
    async *chat(id, turn, options, signal) {
      const owner = options.owner ?? LOCAL_OWNER
      const conversation = await stored.get(id, owner)
      refuseTrashed(conversation)
      const model = await nameModel(turn, conversation, models)
      const branch = await ask(id, turn, owner)
      const last = branch.at(-1)
      if (last === undefined) throw new Error("a branch has no end")
      // The whole answer is another version of the one that goes on.
      const begun = last.message.role === "assistant" ? last.message : undefined
      const askedId = begun === undefined ? last.id : last.parentId
      const answerId = randomUUID()
      const answer = createAnswerSoFar(begun)
      const keep = (rest: Pick<NewMessage, "state" | "usage" | "timings">): Promise<StoredMessage> =>
        stored.append(id, { ...toNewMessage(answer), ...rest, id: answerId, parentId: askedId }, owner)

      let isKept = false
      try {
        // The id of the answer's events is that of the stored message, unless the caller has one.
        const events = models.chat(
          toRequest({ conversation, turn, model, branch }),
          { id: answerId, cacheLabel: id, ...options },
          signal,
        )
        for await (const event of events) {
          answer.add(event)
          if (event.type === "finish") {
            isKept = true
            await keep({ usage: event.usage, timings: event.timings })
          }
          if (event.type === "error") {
            isKept = true
            await keep({ state: "partial" })
          }
          yield event
        }
      } finally {
        // It broke off, or its reader left. What failed before the answer began has nothing to keep.
        if (!isKept && answer.model() !== undefined)
          await keep({ state: "partial" }).catch((error: unknown) =>
            parts.log.warn("what there was of an answer was not stored", {
              conversation: id,
              reason: error instanceof AppError ? error.code : String(error),
            }),
          )
      }
    },
  }
}

/** A program that runs for months sweeps too. */
const SWEEP_EVERY_MS = 3_600_000

async function nameModel(
  turn: Pick<ConversationTurn, "model">,
  conversation: Conversation,
  { lastModel }: ConversationModels,
): Promise<string> {
  const named = turn.model ?? (conversation.model === "" ? await lastModel() : conversation.model)
  if (named !== undefined) return named
  throw new AppError("bad-request", {
    message: "Neither the request nor the conversation names a model, and none was used before.",
    hint: "Name one in `model`.",
    details: { field: "model" },
  })
}

function toNewMessage(answer: AnswerSoFar): NewMessage {
  const model = answer.model()
  return { message: answer.message(), ...(model === undefined ? {} : { model }) }
}

interface Turn {
  readonly conversation: Conversation
  readonly turn: ConversationTurn
  readonly model: string
  readonly branch: readonly StoredMessage[]
}

function toRequest({ conversation, turn, model, branch }: Turn): ChatRequest {
  const { content: _content, parentId: _parentId, continueFrom, sampling, ...rest } = turn
  const { contextLength } = conversation
  return {
    ...(contextLength === null ? {} : { contextLength }),
    ...rest,
    model,
    messages: [...sentMessages(conversation, branch)],
    sampling: { ...conversation.sampling, ...sampling },
    ...(continueFrom === undefined ? {} : { continueLast: true }),
  }
}
