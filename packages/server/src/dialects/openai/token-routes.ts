// POST /tokenize, /detokenize and /apply-template: what the model sees, as llama.cpp shows it.
import { REQUEST_LIMITS, z } from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../route.ts"
import { ignoredHeader, readFields } from "../read-fields.ts"
import { refuse } from "../refuse.ts"
import { ChatBody } from "./chat-body.ts"
import { TokenId } from "./completion-body.ts"
import { decodeChat } from "./decode-chat.ts"
import { modelOrLast } from "./model-or-last.ts"

const TokenizeBody = z.object({
  model: z.string().min(1).nullish(),
  content: z.string(),
  /** Begin with the token that begins texts, where the model has one. Defaults to false. */
  add_special: z.boolean().nullish(),
  /** Take control tokens written in the text for what they stand for. Defaults to true. */
  parse_special: z.boolean().nullish(),
  /** Each token with its text. Defaults to false. */
  with_pieces: z.boolean().nullish(),
})

const DetokenizeBody = z.object({
  model: z.string().min(1).nullish(),
  tokens: z.array(TokenId),
})

const TemplateBody = ChatBody.extend({ model: z.string().min(1).nullish() })

export const tokenRoutes: readonly Route[] = [
  ...both("/tokenize", {
    summary: "The tokens of a text.",
    body: { type: "json", schema: TokenizeBody },
    response: z.object({
      tokens: z.union([z.array(z.int()), z.array(z.object({ id: z.int(), piece: z.string() }))]),
    }),
    handle: tokenize,
  }),
  ...both("/detokenize", {
    summary: "The text of tokens.",
    body: { type: "json", schema: DetokenizeBody },
    response: z.object({ content: z.string() }),
    handle: detokenize,
  }),
  ...both("/apply-template", {
    summary: "A conversation as the model would see it.",
    body: { type: "json", schema: TemplateBody },
    response: z.object({ prompt: z.string() }),
    handle: applyTemplate,
  }),
]

function both(
  path: string,
  route: Pick<Route, "summary" | "handle" | "response"> & { body: Route["body"] & object },
): Route[] {
  return [path, `/v1${path}`].map((each) => ({
    method: "POST",
    path: each,
    dialect: "openai",
    access: "chat",
    ...route,
  }))
}

async function tokenize(exchange: Exchange): Promise<Reply> {
  const { value, ignored } = readFields(TokenizeBody, exchange.body)
  const model = await modelOrLast(exchange, value.model)
  const tokens = await exchange.app.tokenize(
    {
      model,
      text: value.content,
      special: value.parse_special ?? true,
      addBos: value.add_special ?? false,
    },
    exchange.signal,
  )
  const shown = value.with_pieces === true ? await withPieces(exchange, { model, tokens }) : tokens
  return { type: "json", body: { tokens: shown }, headers: ignoredHeader(ignored) }
}

/** A token that is a part of a character comes with U+FFFD for it. */
async function withPieces(
  { app, signal }: Exchange,
  { model, tokens }: { model: string; tokens: readonly number[] },
): Promise<{ id: number; piece: string }[]> {
  if (tokens.length > REQUEST_LIMITS.tokenPieces)
    throw refuse(
      "with_pieces",
      `is for at most ${REQUEST_LIMITS.tokenPieces} tokens; these are ${tokens.length}`,
    )
  const pieces = new Map<number, string>()
  for (const token of new Set(tokens))
    pieces.set(token, await app.detokenize({ model, tokens: [token] }, signal))
  return tokens.map((id) => ({ id, piece: pieces.get(id) ?? "" }))
}

async function detokenize(exchange: Exchange): Promise<Reply> {
  const { value, ignored } = readFields(DetokenizeBody, exchange.body)
  const model = await modelOrLast(exchange, value.model)
  const { tokens } = value
  const content = tokens.length === 0 ? "" : await exchange.app.detokenize({ model, tokens }, exchange.signal)
  return { type: "json", body: { content }, headers: ignoredHeader(ignored) }
}

async function applyTemplate(exchange: Exchange): Promise<Reply> {
  const { value } = readFields(TemplateBody, exchange.body)
  const model = await modelOrLast(exchange, value.model)
  const { request, ignored } = decodeChat({ ...(exchange.body as object), model })
  const { text } = await exchange.app.render(request, exchange.signal)
  return { type: "json", body: { prompt: text }, headers: ignoredHeader(ignored) }
}
