// A prompt → the tokens that the model reads. User text becomes plain tokens only; control tokens come from the template.
import { AppError, REQUEST_LIMITS, type TokenKind } from "@fireside/protocol"
import type { Prompt, RenderedPrompt } from "../engine.ts"
import { type PromptSegment, renderChat } from "../template/render-chat.ts"
import type { NativeModel } from "./native/model.ts"
import { chunkText } from "./text-chunks.ts"

/** The last characters of a prompt that a parser may look at. */
const TAIL_LENGTH = 512

export interface PromptContext {
  readonly model: NativeModel
  /** Null: the model has none. */
  readonly template: string | null
  /** Texts of the control tokens of the vocabulary. */
  readonly controlTexts: () => readonly string[]
  readonly contextLength: number
  /** Resolves when other work has had its turn; rejects when the prompt is no longer wanted. */
  readonly yieldTurn: () => Promise<void>
}

export interface PreparedPrompt extends Pick<RenderedPrompt, "text" | "tokens" | "kinds"> {
  /** For the parser of the answer; null for prompts that are not chats. */
  readonly parser: { readonly template: string; readonly promptTail: string } | null
  readonly notices: readonly string[]
  /** How many tokens, from the first, come before anything that a user said: template, system prompt, tools. */
  readonly sharedTokens: number
}

/** Throws `context-overflow`, `bad-request`, `bad-template` and `unsupported`. */
export async function preparePrompt(prompt: Prompt, context: PromptContext): Promise<PreparedPrompt> {
  const notices: string[] = []
  const pieces = toPieces(prompt, context, notices)
  requireBytes(
    pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece.text), 0),
    context.contextLength,
  )
  const tokens: number[] = []
  const kinds: TokenKind[] = []
  for (const piece of pieces) {
    const made =
      piece.token === undefined ? await tokenizeLong(piece.text, piece.special, context) : [piece.token]
    const writers = writersOf(made, piece, context.model)
    for (const [index, token] of made.entries()) {
      tokens.push(token)
      kinds.push(writers[index] ?? "template")
    }
  }
  if (tokens.length === 0)
    throw new AppError("bad-request", {
      message: "The prompt is empty.",
      hint: "Give at least one character.",
    })
  requireRoom(tokens.length, context.contextLength)
  const text = pieces.map((piece) => piece.text).join("")
  const isChat = prompt.type === "chat"
  return {
    text,
    tokens,
    kinds,
    parser: isChat ? { template: context.template ?? "", promptTail: text.slice(-TAIL_LENGTH) } : null,
    notices,
    sharedTokens: isChat ? tokensWithin(tokens, sharedBytes(prompt, context, text), context.model) : 0,
  }
}

/** The messages before the conversation itself. */
const PREAMBLE: ReadonlySet<string> = new Set(["system", "developer"])

/**
 * Bytes at the beginning of a rendered chat that would be there whatever the user had said: what two renderings with different first words
 * have in common. A template may put anything anywhere, so it is asked and not guessed.
 */
function sharedBytes(prompt: ChatPrompt, context: PromptContext, text: string): number {
  const at = prompt.messages.findIndex(({ role }) => !PREAMBLE.has(role))
  const first = prompt.messages[at]
  if (first === undefined) return 0
  const other = { role: "user" as const, content: first.content.startsWith("#") ? "*" : "#" }
  const asked = { ...prompt, messages: [...prompt.messages.slice(0, at), other], continueLast: false }
  const probe = toPieces(asked, context, [])
    .map((piece) => piece.text)
    .join("")
  let common = 0
  while (common < text.length && common < probe.length && text[common] === probe[common]) common++
  return Buffer.byteLength(text.slice(0, common))
}

/** How many tokens lie within the first bytes. */
function tokensWithin(tokens: readonly number[], bytes: number, model: NativeModel): number {
  let end = 0
  for (const [index, token] of tokens.entries()) {
    end += model.piece(token, true).length
    if (end > bytes) return index
  }
  return tokens.length
}

/** Throws `context-overflow` for text that no context of this length could hold and that would take long to count. */
export function requireBytes(promptBytes: number, contextLength: number): void {
  const { promptBytesPerContextToken, countedPromptBytes } = REQUEST_LIMITS
  const limitBytes = Math.max(promptBytesPerContextToken * contextLength, countedPromptBytes)
  if (promptBytes <= limitBytes) return
  throw new AppError("context-overflow", {
    message: `The text has ${promptBytes} bytes; with a context of ${contextLength} tokens at most ${limitBytes} are read.`,
    hint: "Shorten the text, or load the model with a longer context.",
    details: { promptBytes, limitBytes, contextLength },
  })
}

/** Throws `context-overflow` with both numbers. Nothing is ever cut. */
function requireRoom(promptTokens: number, contextLength: number): void {
  if (promptTokens <= contextLength) return
  throw new AppError("context-overflow", {
    message: `The prompt has ${promptTokens} tokens; the context holds ${contextLength}.`,
    hint: "Shorten the prompt, or load the model with a longer context.",
    details: { promptTokens, contextLength },
  })
}

/** Tokens of a text of any length; other work has its turn between chunks. */
export async function tokenizeLong(
  text: string,
  special: boolean,
  context: Pick<PromptContext, "model" | "yieldTurn">,
): Promise<readonly number[]> {
  const chunks = chunkText(text, {
    chunkBytes: REQUEST_LIMITS.tokenizeChunkBytes,
    dropSpace: context.model.addsSpacePrefix,
  })
  const tokens: number[] = []
  for (const [index, chunk] of chunks.entries()) {
    if (index > 0) await context.yieldTurn()
    for (const token of context.model.tokenize(chunk, { addSpecial: false, parseSpecial: special }))
      tokens.push(token)
  }
  return tokens
}

interface Piece {
  readonly text: string
  readonly special: boolean
  /** A token that is known already; `text` is only what to show for it. */
  readonly token?: number
  /** Who wrote the parts of `text`, in order. */
  readonly parts: readonly { readonly length: number; readonly kind: TokenKind }[]
}

function toPieces(prompt: Prompt, context: PromptContext, notices: string[]): readonly Piece[] {
  const { model } = context
  switch (prompt.type) {
    case "chat":
      return context.template === null
        ? withoutTemplate(prompt, context, notices)
        : joinNeighbours(renderChat(toRenderInput(prompt, context.template, context, notices)))
    case "plain":
      return [...bos(model), userPiece(prompt.text)]
    case "rendered": {
      const bosText = model.tokens.bos < 0 ? "" : pieceText(model, model.tokens.bos)
      const startsWithBos = bosText !== "" && prompt.text.startsWith(bosText)
      return [...(startsWithBos ? [] : bos(model)), templatePiece(prompt.text)]
    }
    case "tokens":
      return prompt.tokens.map((token) => tokenPiece(model, token))
    case "infill": {
      const { infillPrefix, infillSuffix, infillMiddle } = model.tokens
      if (infillPrefix < 0 || infillSuffix < 0 || infillMiddle < 0)
        throw new AppError("unsupported", {
          message: "This model cannot fill in the middle: its vocabulary has no tokens for it.",
          hint: "Use a code model that was trained for it, such as qwen2.5-coder.",
        })
      return [
        ...bos(model),
        tokenPiece(model, infillPrefix),
        userPiece(prompt.prefix),
        tokenPiece(model, infillSuffix),
        userPiece(prompt.suffix),
        tokenPiece(model, infillMiddle),
      ]
    }
    default:
      return prompt satisfies never
  }
}

type ChatPrompt = Extract<Prompt, { type: "chat" }>

function toRenderInput(prompt: ChatPrompt, template: string, context: PromptContext, notices: string[]) {
  const { tokens } = context.model
  return {
    template,
    bosToken: tokens.bos < 0 ? "" : pieceText(context.model, tokens.bos),
    eosToken: tokens.eos < 0 ? "" : pieceText(context.model, tokens.eos),
    messages: prompt.messages,
    specialTokens: context.controlTexts(),
    onNotice: (message: string) => void notices.push(message),
    ...(prompt.tools === undefined ? {} : { tools: prompt.tools }),
    ...(prompt.think === undefined ? {} : { think: prompt.think }),
    ...(prompt.continueLast === undefined ? {} : { continueLast: prompt.continueLast }),
  }
}

function withoutTemplate(prompt: ChatPrompt, context: PromptContext, notices: string[]): readonly Piece[] {
  notices.push(
    "This model has no chat template: the messages are given to it as plain lines `role: content`, and the answer may run on.",
  )
  if ((prompt.tools ?? []).length > 0)
    notices.push("Without a chat template the model is not told about tools.")
  const lines: { text: string; kind: TokenKind }[] = []
  for (const [index, message] of prompt.messages.entries()) {
    const isLast = index === prompt.messages.length - 1
    lines.push({ text: `${message.role}: `, kind: "template" }, { text: message.content, kind: message.role })
    if (isLast && prompt.continueLast === true) continue
    lines.push({ text: "\n\n", kind: "template" })
  }
  if (prompt.continueLast !== true) lines.push({ text: "assistant:", kind: "template" })
  return [...bos(context.model), ...joinNeighbours(lines.map((line) => ({ ...line, special: false })))]
}

/** One call of the tokeniser for neighbours of the same kind: at a border between calls a token could differ. */
function joinNeighbours(segments: readonly PromptSegment[]): readonly Piece[] {
  const pieces: Piece[] = []
  for (const { text, special, kind } of segments) {
    const part = { length: Buffer.byteLength(text), kind }
    const last = pieces.at(-1)
    if (last?.special === special)
      pieces[pieces.length - 1] = { text: last.text + text, special, parts: [...last.parts, part] }
    else pieces.push({ text, special, parts: [part] })
  }
  return pieces
}

function bos(model: NativeModel): readonly Piece[] {
  return model.addsBos && model.tokens.bos >= 0 ? [tokenPiece(model, model.tokens.bos)] : []
}

function tokenPiece(model: NativeModel, token: number): Piece {
  return { text: pieceText(model, token), special: true, token, parts: [] }
}

function userPiece(text: string): Piece {
  return { text, special: false, parts: [{ length: Buffer.byteLength(text), kind: "user" }] }
}

function templatePiece(text: string): Piece {
  return { text, special: true, parts: [{ length: Buffer.byteLength(text), kind: "template" }] }
}

function pieceText(model: NativeModel, token: number): string {
  return Buffer.from(model.piece(token, true)).toString()
}

/** Who wrote each token: the writer of its first byte. */
function writersOf(tokens: readonly number[], piece: Piece, model: NativeModel): readonly TokenKind[] {
  const [first] = piece.parts
  if (first === undefined) return tokens.map(() => "template")
  if (piece.parts.every((part) => part.kind === first.kind)) return tokens.map(() => first.kind)
  // The tokeniser may have put a space in front, which no part has.
  let at = model.addsSpacePrefix ? -1 : 0
  let part = 0
  let partEnd = first.length
  return tokens.map((token) => {
    while (at >= partEnd && part + 1 < piece.parts.length) {
      part += 1
      partEnd += piece.parts[part]?.length ?? 0
    }
    at += model.piece(token, true).length
    return piece.parts[part]?.kind ?? "template"
  })
}
