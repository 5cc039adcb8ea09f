// The stateful API: an answer is kept, and the next request names only its id.
import { AppError, type ChatEvent, type Message, toErrorBody, z } from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../../../route.ts"
import { beginAnswer } from "../../../stream/begin-answer.ts"
import { SSE_HEARTBEAT, sseFrame } from "../../../stream/frames.ts"
import { endWithError, throwErrors } from "../../../stream/sure-ending.ts"
import { droppedHeader } from "../../dropped-header.ts"
import { ignoredHeader, readFields } from "../../read-fields.ts"
import { refuse, refuseFields } from "../../refuse.ts"
import { type AnswerResponse, createAnswerResponse, type ResponseEvent } from "./answer-response.ts"
import { decodeResponses } from "./decode-responses.ts"
import { encodeInput } from "./encode-input.ts"
import { responseObject } from "./response-object.ts"
import { REFUSED_RESPONSES_FIELDS, ResponsesBody } from "./responses-body.ts"

const ItemsQuery = z.object({
  /** The id of the last item that is known. */
  after: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  order: z.enum(["asc", "desc"]).default("desc"),
})

export const responsesRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/v1/responses",
    dialect: "openai",
    access: "chat",
    summary: "Answers an input, and keeps the conversation",
    body: { type: "json", schema: ResponsesBody },
    handle: respond,
  },
  {
    method: "GET",
    path: "/v1/responses/:id",
    dialect: "openai",
    access: "chat",
    summary: "A kept response",
    async handle({ app, caller, params, query }) {
      if (query.stream === "true") throw refuse("stream", "is not supported for a response that is there")
      const { body } = await app.responses.get(params.id ?? "", caller.owner)
      return { type: "json", body }
    },
  },
  {
    method: "DELETE",
    path: "/v1/responses/:id",
    dialect: "openai",
    access: "chat",
    summary: "Forgets a kept response",
    async handle({ app, caller, params }) {
      const id = params.id ?? ""
      await app.responses.remove(id, caller.owner)
      return { type: "json", body: { id, object: "response", deleted: true } }
    },
  },
  {
    method: "GET",
    path: "/v1/responses/:id/input_items",
    dialect: "openai",
    access: "chat",
    summary: "What a kept response was asked, with the conversation before it",
    query: ItemsQuery,
    handle: listInput,
  },
]

async function respond(exchange: Exchange): Promise<Reply> {
  const { app, caller, body, log, requestId, signal } = exchange
  refuseFields(body, REFUSED_RESPONSES_FIELDS)
  const { value, ignored } = readFields(ResponsesBody, body)
  const previousId = value.previous_response_id ?? null
  const before = previousId === null ? [] : await conversationOf(exchange, previousId)
  const { request, conversation } = decodeResponses(value, before)
  const { start, events } = await beginAnswer(app.chat(request, { owner: caller.owner }, signal))
  const answer = createAnswerResponse({ complete: responseObject(value, exchange.now()), requestId })
  const headers = { ...ignoredHeader(ignored), ...droppedHeader(start.dropped) }
  const keep = async (): Promise<void> => {
    if (value.store === false) return
    const response = answer.response()
    const messages = [...conversation, answer.message()]
    await app.responses.save({ id: response.id, previousId, messages, body: response }, caller.owner)
  }
  if (value.stream === true) {
    const frames = encodeStream(endWithError(events, log), { answer, keep, log })
    return { type: "stream", format: "sse", frames, headers, heartbeat: SSE_HEARTBEAT }
  }
  for await (const event of throwErrors(events)) answer.push(event)
  await keep()
  return { type: "json", body: answer.response(), headers }
}

/** Throws `not-found` that names the field. */
async function conversationOf({ app, caller }: Exchange, id: string): Promise<readonly Message[]> {
  try {
    return (await app.responses.get(id, caller.owner)).messages
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "not-found") throw error
    throw new AppError("not-found", {
      message: `There is no response ${JSON.stringify(id)} to go on from.`,
      hint: "It was asked for with `store: false`, was deleted, or is too old. Send the conversation as `input`.",
      details: { field: "previous_response_id" },
      cause: error,
    })
  }
}

interface Ending {
  readonly answer: AnswerResponse
  readonly keep: () => Promise<void>
  readonly log: Exchange["log"]
}

/** Never throws. The answer is kept before the last event says that it is there. */
async function* encodeStream(
  events: AsyncIterable<ChatEvent>,
  { answer, keep, log }: Ending,
): AsyncGenerator<string> {
  for await (const event of events) {
    for (const wire of answer.push(event)) yield responseFrame(wire)
    if (event.type !== "finish") continue
    try {
      await keep()
    } catch (error) {
      log.error("a response was not kept", { error })
      answer.fail(toErrorBody(error))
    }
  }
  yield responseFrame(answer.end())
}

function responseFrame(event: ResponseEvent): string {
  return sseFrame(event, event.type)
}

async function listInput({ app, caller, params, query }: Exchange): Promise<Reply> {
  const { after, limit, order } = readFields(ItemsQuery, query).value
  const { id, messages } = await app.responses.get(params.id ?? "", caller.owner)
  // The last message is the answer.
  const items = encodeInput(messages.slice(0, -1), id.replace(/^resp_/, ""))
  if (order === "desc") items.reverse()
  const known = after === undefined ? -1 : items.findIndex((item) => item.id === after)
  if (after !== undefined && known === -1) throw refuse("after", "is not the id of an item of this response")
  const data = items.slice(known + 1, known + 1 + limit)
  const hasMore = known + 1 + data.length < items.length
  const [first] = data
  return {
    type: "json",
    body: {
      object: "list",
      data,
      first_id: first?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: hasMore,
    },
  }
}
