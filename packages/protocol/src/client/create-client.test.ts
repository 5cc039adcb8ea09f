import { describe, expect, test } from "vitest"
import type { ChatEvent } from "../chat-event.ts"
import { AppError } from "../errors.ts"
import type { Client, ClientFetch, ClientRequest } from "./client.ts"
import { createClient } from "./create-client.ts"

interface Sent extends ClientRequest {
  readonly url: string
}

/** A server that gives one answer, in pieces of so many bytes. */
function serving(
  status: number,
  text: string,
  pieceBytes = 7,
): { client: Client; sent: Sent[]; cancelled: () => boolean } {
  const sent: Sent[] = []
  let cancelled = false
  const fetch: ClientFetch = async (url, request) => {
    sent.push({ url, ...request })
    const bytes = new TextEncoder().encode(text)
    let at = 0
    return {
      status,
      body: {
        getReader: () => ({
          async read() {
            if (at >= bytes.length) return { done: true }
            at += pieceBytes
            return { done: false, value: bytes.slice(at - pieceBytes, at) }
          },
          async cancel() {
            cancelled = true
          },
        }),
      },
    }
  }
  const client = createClient({ baseUrl: "http://127.0.0.1:1/", fetch, key: "k", headers: { "x-a": "b" } })
  return { client, sent, cancelled: () => cancelled }
}

const finish: ChatEvent = {
  type: "finish",
  reason: "stop",
  usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 1 },
  timings: { loadMs: 0, ttftMs: 1, prefillTokensPerSecond: 1, decodeTokensPerSecond: 1, totalMs: 2 },
}
const frames = (...events: { type: string }[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("")
const request = { model: "tiny", messages: [{ role: "user" as const, content: "hi" }] }
const read = async <T>(events: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const event of events) all.push(event)
  return all
}
const thrown = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

test("the platform's own function will do", () => {
  const fetch: ClientFetch = globalThis.fetch
  expect(createClient({ baseUrl: "http://127.0.0.1:1", fetch })).toBeDefined()
})

test("a request names key, type and body, and the path below the base", async () => {
  const { client, sent } = serving(200, '{"tokens":[1,2]}')
  expect(await client.tokenize({ model: "tiny", text: "é" })).toEqual([1, 2])
  expect(sent).toMatchObject([
    {
      url: "http://127.0.0.1:1/api/fireside/v1/tokenize",
      method: "POST",
      headers: { "x-a": "b", authorization: "Bearer k", "content-type": "application/json" },
      body: '{"model":"tiny","text":"é"}',
    },
  ])
})

test("names and queries are escaped", async () => {
  const { client, sent } = serving(200, "[]")
  await client.conversations.list({ before: "2026-01-01T00:00:00+01:00", limit: 3 })
  await client.conversations.list({ folder: "", pinned: true, tag: "a&b" })
  await client.conversations.search('"ü"', { limit: 2 })
  await thrown(client.models.show("a/b:c?d"))
  expect(sent.map(({ url }) => url.split("/v1/")[1])).toEqual([
    "conversations?before=2026-01-01T00%3A00%3A00%2B01%3A00&limit=3",
    "conversations?folder=&pinned=true&tag=a%26b",
    "conversations/search?query=%22%C3%BC%22&limit=2",
    "models/a%2Fb%3Ac%3Fd",
  ])
})

test("models, settings and hosts go to their own routes", async () => {
  const { client, sent } = serving(200, "{}")
  await thrown(client.models.search({ query: "a b", remote: true }))
  await thrown(client.models.remove("tiny:1m", { forGood: true }))
  await thrown(client.models.remove("tiny:1m"))
  await thrown(client.models.restore("tiny:1m"))
  await client.models.copy("tiny:1m", "mine")
  await thrown(client.setSetting("cache.disk", null))
  await thrown(client.privacy.allowHost("hub.example"))
  await thrown(client.privacy.disallowHost("hub.example"))
  await thrown(client.privacy.erase({ models: true }))
  expect(sent.map(({ method, url, body }) => [method, url.split("/v1/")[1], body])).toEqual([
    ["GET", "catalogue?query=a%20b&remote=true", undefined],
    ["DELETE", "models/tiny%3A1m?forGood=true", undefined],
    ["DELETE", "models/tiny%3A1m", undefined],
    ["POST", "models/restore", '{"name":"tiny:1m"}'],
    ["POST", "models/tiny%3A1m/copy", '{"to":"mine"}'],
    ["PUT", "settings/cache.disk", '{"value":null}'],
    ["POST", "allowed-hosts", '{"host":"hub.example"}'],
    ["DELETE", "allowed-hosts/hub.example", undefined],
    ["POST", "erase", '{"confirm":"erase","models":true}'],
  ])
})

test("an answer without a body", async () => {
  const { client, sent } = serving(204, "")
  expect(await client.conversations.remove("c")).toBeUndefined()
  await client.conversations.remove("c", { forever: true })
  expect(sent.map(({ method, url }) => [method, url.split("/v1/")[1]])).toEqual([
    ["DELETE", "conversations/c"],
    ["DELETE", "conversations/c?forever=true"],
  ])
})

test("a file is its text", async () => {
  const { client, sent } = serving(200, "# é\n")
  expect(await client.conversations.export(null, "markdown")).toBe("# é\n")
  expect(await client.conversations.export("a/b", "json")).toBe("# é\n")
  expect(sent.map(({ url }) => url.split("/v1/")[1])).toEqual([
    "conversations/export?format=markdown",
    "conversations/a%2Fb/export?format=json",
  ])
})

describe("changes", () => {
  const changes = [{ type: "ready" }, { type: "changed", id: "1", updatedAt: "now" }]

  test("come until the server leaves", async () => {
    const { client } = serving(200, frames(...changes))
    const seen: unknown[] = []
    const all = (async () => {
      for await (const event of client.conversations.changes()) seen.push(event)
    })()
    expect(await thrown(all)).toMatchObject({ code: "network-failed" })
    expect(seen).toEqual(changes)
  })

  test("end with the error that the server tells", async () => {
    const error = { type: "error", code: "disk-full", message: "Full." }
    expect(await thrown(read(serving(200, frames(error)).client.conversations.changes()))).toMatchObject({
      code: "disk-full",
    })
  })
})

describe("a chat", () => {
  test("gives its events however the bytes are cut, and what comes after the last is not waited for", async () => {
    const events = [
      { type: "load-progress", model: "tiny", fraction: 0.5 },
      { type: "start", model: "tiny", id: "1" },
      { type: "text-delta", text: "é🙂" },
      finish,
    ]
    for (const pieceBytes of [1, 2, 3, 1_000]) {
      const { client, cancelled } = serving(200, `${frames(...events)}: bye\n\n`, pieceBytes)
      expect(await read(client.chat(request))).toEqual(events)
      expect(cancelled()).toBe(true)
    }
  })

  test("an error before the start is thrown, a later one is an event", async () => {
    const error = { type: "error", code: "engine-crashed", message: "It ended.", hint: "Again." }
    const wait = { type: "queue-progress", position: 1, waiting: 2 }
    const before = serving(200, frames(wait, error)).client
    expect(await thrown(read(before.chat(request)))).toMatchObject({ code: "engine-crashed", hint: "Again." })
    const start = { type: "start", model: "tiny", id: "1" }
    expect(await read(serving(200, frames(start, error)).client.chat(request))).toEqual([start, error])
  })

  test.each([
    ["breaks off", frames({ type: "start", model: "m", id: "1" } as never), "network-failed"],
    ["has an unknown event", frames({ type: "song" }), "bad-response"],
    ["has no JSON", "data: {\n\n", "bad-response"],
  ])("a stream that %s", async (_, text, code) => {
    expect(await thrown(read(serving(200, text).client.chat(request)))).toMatchObject({ code })
  })

  test("who stops reading ends the exchange", async () => {
    const { client, cancelled } = serving(
      200,
      frames({ type: "start", model: "m", id: "1" } as never, finish),
    )
    for await (const _event of client.chat(request)) break
    expect(cancelled()).toBe(true)
  })
})

describe("errors", () => {
  test("of the server are its AppError", async () => {
    const body = {
      error: { code: "forbidden", message: "No.", hint: "Ask.", details: { a: 1 } },
      requestId: "r",
    }
    const error = await thrown(serving(403, JSON.stringify(body)).client.keys.list())
    expect(error).toBeInstanceOf(AppError)
    expect(error).toMatchObject({ code: "forbidden", message: "No.", hint: "Ask.", details: { a: 1 } })
  })

  test.each([
    ["a page", 502, "<html>", "bad-response"],
    ["an unknown code", 400, '{"error":{"code":"new","message":""},"requestId":""}', "bad-response"],
    ["another answer", 200, '{"tokens":"x"}', "bad-response"],
    ["no JSON", 200, "x", "bad-response"],
  ])("%s", async (_, status, text, code) => {
    expect(await thrown(serving(status, text).client.tokenize({ model: "m", text: "" }))).toMatchObject({
      code,
    })
  })

  test("a server that is not there, and an aborted signal", async () => {
    const refuse: ClientFetch = async (_url, { signal }) => {
      signal.throwIfAborted()
      throw new TypeError("fetch failed")
    }
    const client = createClient({ baseUrl: "http://127.0.0.1:1", fetch: refuse })
    expect(await thrown(client.machine())).toMatchObject({ code: "network-failed" })
    const reason = new AppError("interrupted", { message: "Stop." })
    expect(await thrown(client.machine(AbortSignal.abort(reason)))).toBe(reason)
    // Platforms throw an error of their own when the signal aborts on the way.
    const stop = new AbortController()
    const interrupted = createClient({
      baseUrl: "http://127.0.0.1:1",
      fetch: async () => {
        stop.abort(reason)
        throw new Error("The operation was aborted")
      },
    })
    expect(await thrown(interrupted.machine(stop.signal))).toBe(reason)
  })
})
