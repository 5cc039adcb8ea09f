// A file of conversations, ours or another program's, into the database: read piece by piece, recognised, checked against our limits, stored in
// batches. What cannot come in is named with its reason; one bad conversation does not keep the others out.
import { setImmediate } from "node:timers/promises"
import { CONVERSATION_LIMITS, type ImportReport, type SkipReason } from "@fireside/protocol"
import { type ConversationParts, isoTime, type Opened, openConversations } from "../own-conversation.ts"
import type { ImportedConversation, Skipped } from "./imported-conversation.ts"
import { isChatGpt, readChatGpt } from "./read-chatgpt.ts"
import { isClaude, readClaude } from "./read-claude.ts"
import { isOpenWebUi, readOpenWebUi } from "./read-open-webui.ts"
import { isOwnExport, readOwnExport } from "./read-own-export.ts"
import { type Element, splitElements } from "./split-elements.ts"
import { storeImported } from "./store-imported.ts"

export interface ImportOptions {
  readonly parts: ConversationParts
  readonly bytes: AsyncIterable<Uint8Array>
  readonly owner: string
}

/** Each batch is one commit: a commit for each conversation would wait for the disk ten thousand times. */
const BATCH_CONVERSATIONS = 64
const BATCH_CHARACTERS = 4 * 1024 * 1024

/** Throws `bad-request` for what is no list of conversations at all. What came in before a failure stays. */
export async function importConversations(
  { parts, bytes, owner }: ImportOptions,
  signal: AbortSignal,
): Promise<ImportReport> {
  const report = createReport()
  let opened: Opened | undefined
  let batch: ImportedConversation[] = []
  let characters = 0
  let elements = 0

  const store = async (): Promise<void> => {
    if (batch.length === 0) return
    opened ??= await openConversations(parts)
    const { database, table } = opened
    const stored = batch
    batch = []
    characters = 0
    const at = isoTime(parts)
    const outcomes = database.transaction(() =>
      stored.map((conversation) => storeImported(table, { conversation, owner, now: at })),
    )
    for (const outcome of outcomes) report.add(outcome)
    // Others have their turn between two batches.
    await setImmediate()
  }

  for await (const element of splitElements(bytes)) {
    signal.throwIfAborted()
    elements += 1
    if (elements > CONVERSATION_LIMITS.importConversations) {
      report.add(
        skipped("", "too-large", `At most ${CONVERSATION_LIMITS.importConversations} are read of one file.`),
      )
      break
    }
    const read = readElement(element)
    if ("reason" in read) {
      report.add(read)
      continue
    }
    batch.push(read)
    characters += element.type === "text" ? element.text.length : 0
    if (batch.length >= BATCH_CONVERSATIONS || characters >= BATCH_CHARACTERS) await store()
  }
  await store()
  return report.read()
}

/** As it is stored, or why it is not. */
export function readElement(element: Element): ImportedConversation | Skipped {
  if (element.type === "problem") return skipped("", element.reason, element.message)
  const value = parse(element.text)
  if (value === undefined) return skipped("", "damaged", "It is not valid JSON.")
  const title = titleOf(value)
  const reader = typeof value === "object" && value !== null ? readerOf(value) : undefined
  if (reader === undefined)
    return skipped(
      title,
      "unknown-format",
      "It is no conversation of ChatGPT, Claude, Open WebUI or Fireside.",
    )
  const read = reader()
  if (read === undefined) return skipped(title, "damaged", "It is not written as its program writes them.")
  if (read.messages.length === 0 && read.source !== "fireside")
    return skipped(title, "empty", "Nothing is said in it.")
  return checkSize(read) ?? read
}

function readerOf(value: object): (() => ImportedConversation | undefined) | undefined {
  if (isOwnExport(value)) return () => readOwnExport(value)
  if (isChatGpt(value)) return () => readChatGpt(value)
  if (isClaude(value)) return () => readClaude(value)
  if (isOpenWebUi(value)) return () => readOpenWebUi(value)
  return undefined
}

function checkSize({ title, system, messages }: ImportedConversation): Skipped | undefined {
  const { messages: most, messageBytes } = CONVERSATION_LIMITS
  if (messages.length > most) return skipped(title, "too-large", `It has more than ${most} messages.`)
  const isLarge = (text: string): boolean => Buffer.byteLength(text) > messageBytes
  if (isLarge(system) || messages.some(({ message }) => isLarge(JSON.stringify(message))))
    return skipped(title, "too-large", `A message of it has more than ${messageBytes} bytes.`)
  return undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** To recognise it by, whatever program's it is. */
function titleOf(value: unknown): string {
  const fields = (typeof value === "object" ? value : null) as Readonly<Record<string, unknown>> | null
  const title = fields?.title ?? fields?.name
  return typeof title === "string" ? title : ""
}

function skipped(title: string, reason: SkipReason, message: string): Skipped {
  return { title: title.slice(0, CONVERSATION_LIMITS.titleLength), reason, message }
}

function createReport() {
  let imported = 0
  let left = 0
  const reasons: Skipped[] = []
  return {
    /** Undefined: it came in. */
    add(outcome: Skipped | undefined): void {
      if (outcome === undefined) {
        imported += 1
        return
      }
      left += 1
      if (reasons.length < CONVERSATION_LIMITS.skippedNamed) reasons.push(outcome)
    },
    read: (): ImportReport => ({ imported, skipped: left, reasons }),
  }
}
