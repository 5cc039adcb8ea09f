// `fireside chats`: the conversations of the page, from the terminal.
import { LOCAL_OWNER } from "@fireside/app"
import { AppError, type Conversation, ExportFormat } from "@fireside/protocol"
import { readChatFile, writeChatFile } from "../chats/chat-file.ts"
import { type Chats, chatsOf, findChat, SHORT_ID } from "../chats/find-chat.ts"
import type { CommandModule } from "../command-module.ts"
import type { CommandContext } from "../context.ts"
import { wholeNumber } from "../flag-values.ts"
import { ask } from "../terminal/ask.ts"
import { counted, formatAge } from "../terminal/format.ts"
import { stripEscapes, toJsonLine } from "../terminal/strip-escapes.ts"
import { formatTable } from "../terminal/table.ts"

interface ListFlags {
  readonly folder?: string
  readonly tag?: string
  readonly pinned?: boolean
  readonly trash?: boolean
  readonly limit: number
}

interface ExportFlags {
  readonly format: ExportFormat
  readonly output?: string
}

const CHAT = "its id, the beginning of it, or its title"

export const chats: CommandModule = {
  define(command, context) {
    command
      .command("list")
      .description("List chats, the one that was used last first.")
      .option("--folder <name>", "only those in this folder")
      .option("--tag <name>", "only those with this tag")
      .option("--pinned", "only those that are pinned")
      .option("--trash", "those in the trash")
      .option("--limit <n>", "at most so many", wholeNumber(1), 50)
      .action((flags: ListFlags) => list(context, flags))
    command
      .command("search")
      .description("Find words in titles and messages; the last word may be a beginning.")
      .argument("<words...>", "words that must all occur in one message")
      .action((words: readonly string[]) => search(context, words.join(" ")))
    command
      .command("show")
      .description("Print a chat: of its branches the newest.")
      .argument("<chat>", CHAT)
      .action((name: string) => show(context, name))
    command
      .command("export")
      .description("Write a chat, or all of them, as a file.")
      .argument("[chat]", `${CHAT} (default: all chats)`)
      .option(
        "--format <name>",
        `${ExportFormat.options.join(", ")}; json can be imported again`,
        toFormat,
        "markdown",
      )
      .option("--output <file>", "where to (default: standard output)")
      .action((name: string | undefined, flags: ExportFlags) => exportChats(context, name, flags))
    command
      .command("import")
      .description(
        "Bring in chats of ChatGPT, Claude, Open WebUI or Fireside. What is here already stays as it is.",
      )
      .argument("<file>", "conversations.json, or an export")
      .action((path: string) => importChats(context, path))
    command
      .command("rm")
      .description("Put chats into the trash; after 30 days they are deleted.")
      .argument("<chat...>", CHAT)
      .option("--forever", "delete at once, with what was computed of them")
      .action((names: readonly string[], flags: { readonly forever?: boolean }) =>
        remove(context, names, flags),
      )
    command
      .command("restore")
      .description("Take chats out of the trash.")
      .argument("<chat...>", CHAT)
      .action((names: readonly string[]) => restore(context, names))
    command
      .command("empty-trash")
      .description("Delete for ever what lies in the trash.")
      .action(() => emptyTrash(context))
  },
}

const stored = async (context: CommandContext): Promise<Chats> => (await context.app()).conversations

async function list(context: CommandContext, { limit, ...filter }: ListFlags): Promise<void> {
  const { io, flags, date } = context
  const found: Conversation[] = []
  for await (const chat of chatsOf(await stored(context), filter)) {
    if (found.length === limit) break
    found.push(chat)
  }
  if (flags.json) return io.out(toJsonLine(found))
  if (found.length === 0) {
    io.err("There are no such chats.\n")
    return
  }
  const row = (chat: Conversation): readonly string[] => [
    chat.id.slice(0, SHORT_ID),
    shownTitle(chat),
    String(chat.messageCount),
    formatAge(new Date(chat.trashedAt ?? chat.updatedAt), date()),
    [chat.pinned ? "pinned" : "", chat.folder, ...chat.tags.map((tag) => `#${tag}`)]
      .filter((it) => it !== "")
      .join(" "),
  ]
  await io.out(
    formatTable(["ID", "TITLE", "MESSAGES", filter.trash ? "REMOVED" : "USED", ""], found.map(row)),
  )
}

async function search(context: CommandContext, query: string): Promise<void> {
  const { io, flags } = context
  const hits = await (await stored(context)).search({ query }, LOCAL_OWNER)
  if (flags.json) return io.out(toJsonLine(hits))
  if (hits.length === 0) {
    io.err(
      `Nothing fits ${JSON.stringify(stripEscapes(query))}.\n${io.errColours.dim("Fewer words find more.")}\n`,
    )
    return
  }
  await io.out(
    formatTable(
      ["ID", "TITLE", "FOUND"],
      hits.map(({ conversation, messageId, snippet }) => [
        conversation.id.slice(0, SHORT_ID),
        shownTitle(conversation),
        messageId === null ? "in the title" : snippet.text,
      ]),
    ),
  )
}

async function show(context: CommandContext, name: string): Promise<void> {
  const { io, flags, signal } = context
  const all = await stored(context)
  const chat = await findChat(all, name)
  if (flags.json) return io.out(toJsonLine({ ...chat, messages: await all.messages(chat.id, LOCAL_OWNER) }))
  const { pieces } = await all.export({ id: chat.id, format: "markdown" }, LOCAL_OWNER)
  await writeChatFile({ pieces, io, path: undefined }, signal)
}

async function exportChats(
  context: CommandContext,
  name: string | undefined,
  { format, output }: ExportFlags,
): Promise<void> {
  const { io, signal } = context
  const all = await stored(context)
  const id = name === undefined ? null : (await findChat(all, name)).id
  const { pieces } = await all.export({ id, format }, LOCAL_OWNER)
  await writeChatFile({ pieces, io, path: output }, signal)
  if (output !== undefined) io.err(`${io.errColours.green("✓")} ${stripEscapes(output)}\n`)
}

async function importChats(context: CommandContext, path: string): Promise<void> {
  const { io, flags, signal } = context
  const report = await (await stored(context)).import(readChatFile(path), LOCAL_OWNER, signal)
  if (flags.json) return io.out(toJsonLine(report))
  const { imported, skipped, reasons } = report
  io.err(`${io.errColours.green("✓")} ${counted(imported, "chat")} came in.\n`)
  if (skipped === 0) return
  io.err(`${counted(skipped, "chat")} did not:\n`)
  for (const { title, message } of reasons)
    io.err(`  ${title === "" ? "(without a title)" : stripEscapes(title)}: ${message}\n`)
  if (skipped > reasons.length) io.err(`  … and ${skipped - reasons.length} more\n`)
}

async function remove(
  context: CommandContext,
  names: readonly string[],
  { forever = false }: { readonly forever?: boolean },
): Promise<void> {
  const { io, flags } = context
  const all = await stored(context)
  const found = await findAll(all, names)
  if (forever) {
    const message = `Delete ${counted(found.length, "chat")} for ever?`
    if (!flags.yes && !(await ask(context, { message, flag: "--yes", initial: false }))) return
  }
  for (const chat of found) {
    if (forever) await all.erase(chat.id, LOCAL_OWNER)
    else await all.remove(chat.id, LOCAL_OWNER)
    if (!flags.json) io.err(`${shownTitle(chat)} is ${forever ? "deleted" : "in the trash"}.\n`)
  }
  if (flags.json) await io.out(toJsonLine(found.map(({ id }) => id)))
}

async function restore(context: CommandContext, names: readonly string[]): Promise<void> {
  const { io, flags } = context
  const all = await stored(context)
  const restored: Conversation[] = []
  for (const chat of await findAll(all, names)) {
    restored.push(await all.restore(chat.id, LOCAL_OWNER))
    if (!flags.json) io.err(`${shownTitle(chat)} is back.\n`)
  }
  if (flags.json) await io.out(toJsonLine(restored))
}

async function emptyTrash(context: CommandContext): Promise<void> {
  const { io, flags, signal } = context
  const question = { message: "Delete for ever what lies in the trash?", flag: "--yes", initial: false }
  if (!flags.yes && !(await ask(context, question))) return
  const removed = await (await stored(context)).emptyTrash(LOCAL_OWNER, signal)
  if (flags.json) return io.out(toJsonLine({ removed }))
  io.err(`${counted(removed, "chat")} deleted.\n`)
}

/** All of them before anything is done to the first. */
async function findAll(all: Chats, names: readonly string[]): Promise<readonly Conversation[]> {
  const found: Conversation[] = []
  for (const name of names) found.push(await findChat(all, name))
  return found
}

const shownTitle = ({ title }: Conversation): string =>
  title === "" ? "(without a title)" : stripEscapes(title)

function toFormat(text: string): ExportFormat {
  const parsed = ExportFormat.safeParse(text.toLowerCase())
  if (parsed.success) return parsed.data
  throw new AppError("usage", {
    message: `There is no format ${JSON.stringify(text)}.`,
    hint: `Formats are ${ExportFormat.options.join(", ")}.`,
  })
}
