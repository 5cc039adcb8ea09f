// Which stored chat a user means: its id, the beginning of it as the lists show it, or its title.
import { type App, LOCAL_OWNER } from "@fireside/app"
import { AppError, CONVERSATION_LIMITS, type Conversation } from "@fireside/protocol"
import { stripEscapes } from "../terminal/strip-escapes.ts"

export type Chats = App["conversations"]

/** Characters of an id that lists show: enough to tell ten thousand apart, all but always. */
export const SHORT_ID = 8

/** In the trash too. Throws `not-found`, and `usage` when several are meant. */
export async function findChat(chats: Chats, name: string): Promise<Conversation> {
  const meant = name.toLowerCase()
  const byId: Conversation[] = []
  const byTitle: Conversation[] = []
  for await (const chat of everyChat(chats)) {
    if (chat.id === name) return chat
    if (meant.length >= 4 && chat.id.startsWith(meant)) byId.push(chat)
    if (chat.title.toLowerCase() === meant) byTitle.push(chat)
  }
  const found = byId.length > 0 ? byId : byTitle
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  if (only === undefined)
    throw new AppError("not-found", {
      message: `There is no chat ${JSON.stringify(stripEscapes(name.slice(0, 200)))}.`,
      hint: "fireside chats list shows them, --trash those in the trash.",
    })
  throw new AppError("usage", {
    message: `${found.length} chats are called ${JSON.stringify(stripEscapes(name.slice(0, 200)))}.`,
    hint: `Say which one: ${found
      .slice(0, 5)
      .map(({ id }) => id.slice(0, 2 * SHORT_ID))
      .join(", ")}`,
  })
}

async function* everyChat(chats: Chats): AsyncGenerator<Conversation> {
  for (const trash of [false, true]) yield* chatsOf(chats, { trash })
}

type Filter = Omit<Parameters<Chats["list"]>[0], "before" | "beforeId" | "limit">

/** Page by page, newest change first. */
export async function* chatsOf(chats: Chats, filter: Filter): AsyncGenerator<Conversation> {
  const limit = CONVERSATION_LIMITS.pageSize
  let page = await chats.list({ ...filter, limit }, LOCAL_OWNER)
  for (;;) {
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < limit) return
    page = await chats.list({ ...filter, limit, before: last.updatedAt, beforeId: last.id }, LOCAL_OWNER)
  }
}
