// Turns of blocks as neutral messages. Pure.
import type { Message } from "@fireside/protocol"
import { refuse } from "../refuse.ts"
import type { AssistantBlock, ContentBlock, DocumentBlock, Turn, UserBlock } from "./content-blocks.ts"

/**
 * Turns of one role that follow each other become one, as Anthropic joins them: many templates insist on taking turns. A final turn of the
 * assistant's is what the answer goes on from. Throws `bad-request` with `details {field}` for what cannot be taken.
 */
export function decodeTurns(turns: readonly Turn[]): Message[] {
  const messages: Message[] = []
  /** Which tool a call named, for templates that want the name with its result. */
  const names = new Map<string, string>()
  for (const [at, turn] of turns.entries()) {
    const field = `messages[${at}].content`
    switch (turn.role) {
      case "system":
        messages.push({ role: "system", content: joinText(turn.content) })
        break
      case "user":
        for (const message of decodeUser(turn.content, { field, names })) append(messages, message)
        break
      case "assistant": {
        const message = decodeAssistant(turn.content)
        for (const call of message.toolCalls ?? []) names.set(call.callId, call.name)
        append(messages, message)
        break
      }
      default:
        turn satisfies never
    }
  }
  const last = messages.at(-1)
  if (last?.role === "assistant" && last.toolCalls !== undefined)
    throw refuse(
      `messages[${turns.length - 1}].content`,
      "ends with a `tool_use`",
      "The next turn must bring its `tool_result`.",
    )
  return messages
}

/** Blocks are pieces of their own (a question, a reminder, a file), so they do not run into each other. */
export function joinText(content: string | readonly { readonly text: string }[]): string {
  return typeof content === "string" ? content : content.map(({ text }) => text).join(BLOCK_BREAK)
}

const BLOCK_BREAK = "\n"

type User = Extract<Message, { role: "user" }>
type Assistant = Extract<Message, { role: "assistant" }>

function append(messages: Message[], message: Message): void {
  const last = messages.at(-1)
  if (last?.role === "user" && message.role === "user")
    messages[messages.length - 1] = joinUsers(last, message)
  else if (last?.role === "assistant" && message.role === "assistant")
    messages[messages.length - 1] = joinAssistants(last, message)
  else messages.push(message)
}

function joinUsers(first: User, second: User): User {
  const images = [...(first.images ?? []), ...(second.images ?? [])]
  const content = [first.content, second.content].filter((text) => text !== "").join(BLOCK_BREAK)
  return { role: "user", content, ...(images.length === 0 ? {} : { images }) }
}

function joinAssistants(first: Assistant, second: Assistant): Assistant {
  const reasoning = (first.reasoning ?? "") + (second.reasoning ?? "")
  const toolCalls = [...(first.toolCalls ?? []), ...(second.toolCalls ?? [])]
  return {
    role: "assistant",
    content: first.content + second.content,
    ...(reasoning === "" ? {} : { reasoning }),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
  }
}

interface Place {
  readonly field: string
  readonly names: ReadonlyMap<string, string>
}

/** Results first, then what the user says to them: so templates expect it, and so Anthropic demands it. */
function decodeUser(content: string | readonly UserBlock[], { field, names }: Place): Message[] {
  if (typeof content === "string") return [{ role: "user", content }]
  const results: Message[] = []
  const said: Content = { texts: [], images: [] }
  for (const [at, block] of content.entries()) {
    const where = `${field}[${at}]`
    if (block.type !== "tool_result") {
      addContent(said, block, where)
      continue
    }
    const { tool_use_id: callId } = block
    const result: Content = { texts: [], images: [] }
    if (typeof block.content === "string") result.texts.push(block.content)
    else
      for (const [index, part] of (block.content ?? []).entries())
        addContent(result, part, `${where}.content[${index}]`)
    // A tool's message holds text only: its pictures come right behind it.
    said.images.push(...result.images)
    const name = names.get(callId)
    results.push({
      role: "tool",
      content: resultText(result.texts.join(BLOCK_BREAK), block.is_error === true),
      callId,
      ...(name === undefined ? {} : { name }),
    })
  }
  const isSilent = said.texts.length === 0 && said.images.length === 0
  if (isSilent && results.length > 0) return results
  const images = said.images.length === 0 ? {} : { images: said.images }
  return [...results, { role: "user", content: said.texts.join(BLOCK_BREAK), ...images }]
}

/** The model must see that a call failed, also where the tool's text does not say so. */
function resultText(text: string, isError: boolean): string {
  if (!isError || /^\W*error/i.test(text)) return text
  return text === "" ? "Error" : `Error: ${text}`
}

interface Content {
  readonly texts: string[]
  readonly images: { mediaType: string; data: string }[]
}

function addContent(content: Content, block: ContentBlock, field: string): void {
  switch (block.type) {
    case "text":
      content.texts.push(block.text)
      break
    case "image":
      content.images.push(decodeImage(block, field))
      break
    case "document":
      addDocument(content, block, field)
      break
    case "search_result":
      content.texts.push(asDocument(joinText(block.content), { title: block.title, context: block.source }))
      break
    default:
      block satisfies never
  }
}

type ImageBlock = Extract<ContentBlock, { type: "image" }>

function decodeImage({ source }: ImageBlock, field: string): { mediaType: string; data: string } {
  if (source.type === "url")
    throw refuse(
      `${field}.source`,
      "is an image by address, and images are not fetched",
      "Send the image itself, with a source of type `base64`.",
    )
  const mediaType = source.media_type.toLowerCase()
  if (!/^image\/[a-z0-9.+-]+$/.test(mediaType))
    throw refuse(`${field}.source.media_type`, "is not the type of an image")
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(source.data)) throw refuse(`${field}.source.data`, "is not base64")
  return { mediaType, data: source.data }
}

function addDocument(content: Content, block: DocumentBlock, field: string): void {
  const { source } = block
  switch (source.type) {
    case "text":
      content.texts.push(asDocument(source.data, block))
      break
    case "content": {
      const inside: Content = { texts: [], images: content.images }
      if (typeof source.content === "string") inside.texts.push(source.content)
      else
        for (const [at, part] of source.content.entries())
          addContent(inside, part, `${field}.source.content[${at}]`)
      content.texts.push(asDocument(inside.texts.join(BLOCK_BREAK), block))
      break
    }
    case "base64":
      throw refuse(
        `${field}.source`,
        `is a document as \`${source.media_type}\`, which is not read here`,
        "Send its text, with a source of type `text`.",
      )
    case "url":
      throw refuse(
        `${field}.source`,
        "is a document by address, and documents are not fetched",
        "Send its text, with a source of type `text`.",
      )
    default:
      source satisfies never
  }
}

function asDocument(
  text: string,
  {
    title,
    context,
  }: { readonly title?: string | null | undefined; readonly context?: string | null | undefined },
): string {
  const head = [title, context].filter((line) => line !== undefined && line !== null && line !== "")
  return ["<document>", ...head, text, "</document>"].join("\n")
}

/** Texts of one answer belong together as they are: they were cut by calls, not by paragraphs. */
function decodeAssistant(content: string | readonly AssistantBlock[]): Assistant {
  if (typeof content === "string") return { role: "assistant", content }
  const calls: NonNullable<Assistant["toolCalls"]> = []
  let text = ""
  let reasoning = ""
  for (const block of content) {
    switch (block.type) {
      case "text":
        text += block.text
        break
      case "thinking":
        reasoning += block.thinking
        break
      case "redacted_thinking":
        break
      case "tool_use":
        calls.push({ callId: block.id, name: block.name, arguments: JSON.stringify(block.input ?? {}) })
        break
      default:
        block satisfies never
    }
  }
  return {
    role: "assistant",
    content: text,
    ...(reasoning === "" ? {} : { reasoning }),
    ...(calls.length === 0 ? {} : { toolCalls: calls }),
  }
}
