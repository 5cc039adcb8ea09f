// Conversations in a database of their own, with a model that answers what the test says.

import type { ForgetWish } from "@fireside/engine"
import { type Database, openDatabase } from "@fireside/host"
import {
  createFakeClock,
  createMemoryLog,
  createTemporaryHome,
  type FakeClock,
  type MemoryLog,
} from "@fireside/host/testing"
import type { ChatEvent, ChatRequest } from "@fireside/protocol"
import type { RunOptions } from "../app.ts"
import type { Conversations } from "./conversations.ts"
import { createConversations } from "./create-conversations.ts"

export const FINISH: Extract<ChatEvent, { type: "finish" }> = {
  type: "finish",
  reason: "stop",
  usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 2 },
  timings: { loadMs: 0, ttftMs: 1, prefillTokensPerSecond: 1, decodeTokensPerSecond: 1, totalMs: 2 },
}

export interface ConversationWorld extends AsyncDisposable {
  readonly conversations: Conversations
  readonly database: Database
  readonly clock: FakeClock
  readonly log: MemoryLog
  readonly file: string
  readonly asked: { request: ChatRequest; options: RunOptions }[]
  /** Defaults to "Hello there." and a finish. */
  answer: (request: ChatRequest) => AsyncIterable<ChatEvent>
  lastModel: string | undefined
  /** What happens to computed text; defaults to keeping the wish in `forgotten`. */
  forget: (wish: ForgetWish) => Promise<void>
  /** What was asked to be forgotten of computed text. */
  readonly forgotten: ForgetWish[]
  /** As another process sees them. */
  reopen(): Conversations
}

export async function createConversationWorld(): Promise<ConversationWorld> {
  await using stack = new AsyncDisposableStack()
  const home = stack.use(await createTemporaryHome())
  const database = stack.use(await openDatabase(home.paths))
  const clock = createFakeClock()
  const log = createMemoryLog()
  const parts = {
    clock,
    log,
    database: async () => database,
    hasDatabase: async () => true,
    prepareHome: async () => {},
  }
  const open = (): Conversations =>
    createConversations(parts, {
      async *chat(request, options) {
        world.asked.push({ request, options })
        yield* world.answer(request)
      },
      lastModel: async () => world.lastModel,
      forget: (wish) => world.forget(wish),
    })
  const moved = stack.move()
  const world: ConversationWorld = {
    conversations: open(),
    database,
    clock,
    log,
    file: home.paths.database,
    asked: [],
    forgotten: [],
    forget: async (wish) => void world.forgotten.push(wish),
    lastModel: undefined,
    async *answer({ model }) {
      yield { type: "start", model, id: "1" }
      yield { type: "reasoning-delta", text: "greet" }
      yield { type: "text-delta", text: "Hello " }
      yield { type: "text-delta", text: "there." }
      yield FINISH
    },
    reopen: open,
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  }
  return world
}
