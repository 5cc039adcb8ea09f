// A conversation as people read and keep it. What is said stands as it was written: it is Markdown already.
import type { StoredMessage } from "@fireside/protocol"
import type { FileFormat } from "./export-conversations.ts"
import { oneLine, speakerOf } from "./speaker.ts"

export const markdownFormat: FileFormat = {
  extension: "md",
  contentType: "text/markdown; charset=utf-8",
  branches: "newest",
  start: () => "",
  between: "\n---\n\n",
  end: "",
  one({ title, system, createdAt }, messages) {
    const head = [`# ${oneLine(title) || "Conversation"}`, `*${createdAt.slice(0, 10)}*`]
    const told = system === "" ? [] : [`**System**\n\n${quoted(system)}`]
    return `${[...head, ...told, ...messages.map(section)].join("\n\n")}\n`
  },
}

function section(stored: StoredMessage): string {
  const { message, state } = stored
  const parts = [`## ${speakerOf(stored)}`]
  if (message.role === "assistant" && message.reasoning !== undefined) parts.push(quoted(message.reasoning))
  if (message.content !== "") parts.push(message.content)
  if (message.role === "user" && message.images !== undefined)
    parts.push(...message.images.map(({ mediaType }) => `*[${oneLine(mediaType)}]*`))
  if (message.role === "assistant" && message.toolCalls !== undefined)
    parts.push(...message.toolCalls.map((call) => `**${oneLine(call.name)}**\n\n${fenced(call.arguments)}`))
  if (state === "partial") parts.push("*(broken off)*")
  return parts.join("\n\n")
}

const quoted = (text: string): string =>
  text
    .split("\n")
    .map((line) => `> ${line}`.trimEnd())
    .join("\n")

/** Longer than any fence within. */
function fenced(text: string): string {
  const longest = [...text.matchAll(/`+/g)].reduce((most, [ticks]) => Math.max(most, ticks.length), 2)
  const fence = "`".repeat(longest + 1)
  return `${fence}\n${text}\n${fence}`
}
