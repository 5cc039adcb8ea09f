// A title by the model: what it is asked, and what is taken of what it says. Small models chatter; what is no title is none.
import { type ChatRequest, CONVERSATION_LIMITS } from "@fireside/protocol"

/** Characters of each side that the model reads: enough to know what it is about, and soon read. */
const READ_CHARACTERS = 1_000

export interface FirstExchange {
  readonly question: string
  readonly answer: string
}

export function titleRequest({ question, answer }: FirstExchange): Omit<ChatRequest, "model"> {
  const said = [`User: ${shortened(question)}`, ...(answer === "" ? [] : [`Assistant: ${shortened(answer)}`])]
  const ask = `Write a title of at most ${CONVERSATION_LIMITS.titleWords} words for this conversation, in its own language. Say the title and nothing else.`
  return {
    messages: [{ role: "user", content: `${said.join("\n\n")}\n\n---\n${ask}` }],
    sampling: { temperature: 0.2 },
    maxTokens: CONVERSATION_LIMITS.titleTokens,
    think: false,
  }
}

/** Undefined when nothing of it is a title. */
export function cleanTitle(text: string): string | undefined {
  const [line = ""] = text
    // Thoughts that a template does not tell apart; cut off, they do not end.
    .replace(/<think>[\s\S]*?(?:<\/think>|$)/g, "")
    .split("\n")
    .map(cleanLine)
    .filter((it) => /[\p{L}\p{N}]/u.test(it))
  const words = line.split(" ").slice(0, CONVERSATION_LIMITS.titleWords)
  const title = [...words.join(" ")].slice(0, CONVERSATION_LIMITS.titleLength).join("").replace(ENDS, "")
  return title === "" ? undefined : title
}

/** Marks of quotation, Markdown and punctuation around a title; a question mark at its end is part of it. */
const STARTS = /^[\s"'“”„«»‘’`*_#>:–—-]+/u
const ENDS = /[\s"'“”„«»‘’`*_#.,;:–—-]+$/u

function cleanLine(line: string): string {
  const plain = line
    // Controls, and marks that turn the direction of what stands beside them.
    .replaceAll(/[\p{Cc}\u202A-\u202E\u2066-\u2069]+/gu, " ")
    .replaceAll(/\s+/g, " ")
    .replace(STARTS, "")
  return plain
    .replace(/^title\s*[:–—-]\s*/i, "")
    .replace(STARTS, "")
    .replace(ENDS, "")
}

const shortened = (text: string): string =>
  text
    .trim()
    .slice(0, READ_CHARACTERS)
    .replace(/[\uD800-\uDBFF]$/, "")
