// One exchange with a server: the request, its errors, and its answer whole or as events. Knows no route.
import { AppError, fromErrorBody } from "../errors.ts"
import { CLIENT_LIMITS } from "../limits.ts"
import { NATIVE_PATH, NativeError } from "../native-api.ts"
import type { z } from "../schema.ts"
import type { BodyReader, ClientOptions, ClientResponse } from "./client.ts"
import { createEventStreamParser } from "./event-stream.ts"

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  /** Below `NATIVE_PATH`, without a slash in front. */
  readonly path: string
  readonly body?: unknown
}

export interface Transport {
  answer<Schema extends z.ZodType>(
    call: Call,
    schema: Schema,
    signal: AbortSignal | undefined,
  ): Promise<z.output<Schema>>
  /** For an answer that is a file. */
  text(call: Call, signal: AbortSignal | undefined): Promise<string>
  /** For an answer without a body. */
  done(call: Call, signal: AbortSignal | undefined): Promise<void>
  /** Ends after an event for which `isLast` says so; throws `network-failed` for a stream that ends without one. */
  events<Schema extends z.ZodType>(
    call: Call,
    schema: Schema,
    isLast: (event: z.output<Schema>) => boolean,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<z.output<Schema>, void>
}

export function createTransport(options: ClientOptions): Transport {
  const base = `${options.baseUrl.replace(/\/+$/, "")}${NATIVE_PATH}/`

  async function send(call: Call, signal: AbortSignal | undefined): Promise<ClientResponse> {
    const { method, path, body } = call
    const stop = signal ?? new AbortController().signal
    stop.throwIfAborted()
    const response = await reached(stop, () =>
      options.fetch(`${base}${path}`, {
        method,
        headers: {
          ...options.headers,
          ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: stop,
      }),
    )
    if (response.status >= 200 && response.status < 300) return response
    throw await errorOf(response, stop)
  }

  return {
    async answer(call, schema, signal) {
      const response = await send(call, signal)
      const parsed = schema.safeParse(parseJson(await readWhole(response, signal)))
      if (parsed.success) return parsed.data
      throw badResponse(
        `The server's answer to ${call.method} ${call.path} is not as expected.`,
        parsed.error,
      )
    },
    async text(call, signal) {
      return await readWhole(await send(call, signal), signal)
    },
    async done(call, signal) {
      await readWhole(await send(call, signal), signal)
    },
    async *events(call, schema, isLast, signal) {
      const response = await send(call, signal)
      const parser = createEventStreamParser()
      for await (const text of readTexts(response, signal)) {
        for (const { name, data } of parser.push(text)) {
          const parsed = schema.safeParse(parseJson(data))
          if (!parsed.success)
            throw badResponse(`The server sent an event that is not as expected: ${name}.`, parsed.error)
          yield parsed.data
          if (isLast(parsed.data)) return
        }
      }
      throw brokeOff()
    },
  }
}

/** What a platform throws for a server that is not there differs; the signal's reason stays what it is. */
async function reached<Result>(
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof AppError) throw error
    throw new AppError("network-failed", {
      message: `The server could not be reached: ${error instanceof Error ? error.message : String(error)}.`,
      hint: "Is it running? fireside serve starts it.",
      cause: error,
    })
  }
}

const brokeOff = (): AppError =>
  new AppError("network-failed", {
    message: "The server broke off in the middle of its answer.",
    hint: "Ask again. The server's log may say why.",
  })

const badResponse = (message: string, cause?: unknown): AppError =>
  new AppError("bad-response", { message, hint: "Is it a Fireside server of this version?", cause })

async function errorOf(response: ClientResponse, signal: AbortSignal): Promise<AppError> {
  const text = await readWhole(response, signal)
  const parsed = NativeError.safeParse(tryJson(text))
  if (!parsed.success) return badResponse(`The server answered with status ${response.status}.`)
  return fromErrorBody(parsed.data.error)
}

async function readWhole(response: ClientResponse, signal: AbortSignal | undefined): Promise<string> {
  const parts: string[] = []
  let size = 0
  for await (const text of readTexts(response, signal)) {
    size += text.length
    if (size > CLIENT_LIMITS.answerBytes)
      throw badResponse(`The server's answer is larger than ${CLIENT_LIMITS.answerBytes} bytes.`)
    parts.push(text)
  }
  return parts.join("")
}

/** Whoever stops reading ends the exchange. */
async function* readTexts(
  { body }: ClientResponse,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void> {
  if (body === null) return
  const reader: BodyReader = body.getReader()
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  let ended = false
  try {
    for (;;) {
      const { done, value } = await readOnce(reader, signal)
      if (done) {
        ended = true
        return
      }
      if (value !== undefined) yield decoder.decode(value, { stream: true })
    }
  } finally {
    // What is cancelled may have failed already; its error was thrown above.
    if (!ended) await reader.cancel().catch(() => {})
  }
}

async function readOnce(
  reader: BodyReader,
  signal: AbortSignal | undefined,
): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }> {
  try {
    return await reader.read()
  } catch {
    signal?.throwIfAborted()
    throw brokeOff()
  }
}

function parseJson(text: string): unknown {
  const value = tryJson(text)
  if (value === undefined) throw badResponse("The server's answer is not JSON.")
  return value
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
