// Golden wire files: every folder of `golden/` is one request, what the app answered, and the exact bytes that went out.
//
//   request.json   {path, method?, headers?, body?}
//   events.json    events of the one generation, or a list of such lists, one for each; left out when the app is not asked
//   decoded.json   what the app was asked: written by the runner, read by people
//   stream.txt, answer.json or error.json   what came back: frames; a body; a status and a body
//   headers.json   headers of the reply, when it has any
//
// A folder without a request and a file of another name fail. `npm test -- -u <path>` writes what is expected anew; a missing one is written too,
// but not where `CI` is set.
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { App, RunOptions } from "@fireside/app"
import { createFakeApp } from "@fireside/app/testing"
import { AppError, ChatEvent, type ErrorBody, fromErrorBody, toErrorBody, z } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import type { Reply, Route, WireError } from "../route.ts"
import { callRoute, type RouteCall, readFrames } from "../testing.ts"

export interface GoldenOptions {
  /** The `golden/` folder: `new URL("./golden/", import.meta.url)`. */
  readonly folder: URL
  readonly routes: readonly Route[]
  readonly encodeError: (error: ErrorBody, requestId: string) => WireError
  /** Members that replace the scripted app's, for answers that no generation gives. */
  readonly change?: Partial<App>
}

/** What the scripted app was asked. */
export interface Asked {
  readonly type: "chat" | "complete"
  readonly request: unknown
  readonly options: RunOptions
}

/** Declares one test for each case. */
export function testGoldens({ folder, routes, encodeError, change = {} }: GoldenOptions): void {
  const root = fileURLToPath(folder)
  const names = readdirSync(root)
  describe("golden", () => {
    if (names.length === 0)
      test("there are cases", () => {
        throw new Error(`${root} is empty`)
      })
    test.each(names)("%s", async (name) => {
      const path = join(root, name)
      const files = readdirSync(path)
      const request = Request.parse(readJson(join(path, "request.json")))
      const events = files.includes("events.json")
        ? Script.parse(readJson(join(path, "events.json")))
        : undefined
      await using fake = await createFakeApp()
      const scripted = scriptApp(fake.app, events ?? [])
      const outcome = await answer(routes, { ...scripted.app, ...change }, request)
      const written = await outcomeFiles(outcome, encodeError)
      if (scripted.asked.length > 0) written.set("decoded.json", pretty(scripted.asked))
      if (events === undefined && scripted.asked.length > 0)
        throw new Error(`${name}: the app was asked, but there is no events.json`)
      if (events !== undefined && scripted.asked.length === 0)
        throw new Error(`${name}: there is an events.json, but the app was not asked`, { cause: outcome })
      const unknown = files.filter((file) => !(INPUTS.has(file) || written.has(file)))
      expect(unknown, `files of ${name} that nothing writes`).toEqual([])
      for (const [file, text] of written) await expect(text).toMatchFileSnapshot(join(path, file))
    })
  })
}

/**
 * An app whose generations yield `script`: the same events for each, or the list of its turn. The other members are those of `app`.
 * An `error` before `start` is thrown, as the app throws it.
 */
export function scriptApp(
  app: App,
  script: readonly ChatEvent[] | readonly (readonly ChatEvent[])[],
): { readonly app: App; readonly asked: readonly Asked[] } {
  const asked: Asked[] = []
  const next = (): readonly ChatEvent[] => {
    const own = script[asked.length - 1]
    return Array.isArray(own) ? own : (script as readonly ChatEvent[])
  }
  async function* play(events: readonly ChatEvent[], signal: AbortSignal): AsyncIterable<ChatEvent> {
    for (const event of events) {
      signal.throwIfAborted()
      if (event.type === "error" && event === events[0]) throw fromErrorBody(event)
      yield event
    }
  }
  const ask = (type: Asked["type"]) => (request: unknown, options: RunOptions, signal: AbortSignal) => {
    asked.push({ type, request, options })
    return play(next(), signal)
  }
  return { app: { ...app, chat: ask("chat"), complete: ask("complete") }, asked }
}

const INPUTS = new Set(["request.json", "events.json"])

const Request = z.strictObject({
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]).optional(),
  path: z.string(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
})

const Script = z.union([z.array(ChatEvent), z.array(z.array(ChatEvent))])

type Outcome = { readonly reply: Reply } | { readonly error: unknown }

async function answer(
  routes: readonly Route[],
  app: App,
  request: z.output<typeof Request>,
): Promise<Outcome> {
  const { method, path, headers, body } = request
  const call: RouteCall = {
    path,
    body,
    ...(method === undefined ? {} : { method }),
    ...(headers === undefined ? {} : { headers }),
  }
  try {
    return { reply: await callRoute(routes, app, call) }
  } catch (error) {
    // What is no `AppError` is a mistake of ours, and no golden file may hold it.
    if (!(error instanceof AppError)) throw error
    return { error }
  }
}

async function outcomeFiles(
  outcome: Outcome,
  encodeError: GoldenOptions["encodeError"],
): Promise<Map<string, string>> {
  if ("error" in outcome) {
    const wire = encodeError(toErrorBody(outcome.error), "req-test")
    return new Map([["error.json", pretty(wire)]])
  }
  const { reply } = outcome
  const files = new Map<string, string>()
  switch (reply.type) {
    case "stream":
      files.set("stream.txt", await readFrames(reply))
      break
    case "json":
      files.set(
        "answer.json",
        pretty(reply.status === undefined ? reply.body : { status: reply.status, body: reply.body }),
      )
      break
    case "text":
      files.set("answer.json", pretty(reply.body))
      break
    case "file":
      files.set("file.txt", await whole(reply.pieces))
      break
    case "bytes":
      files.set("answer.bin", Buffer.from(reply.body).toString("base64"))
      break
    case "empty":
      files.set("answer.json", pretty({ status: reply.status ?? 200 }))
      break
    default:
      reply satisfies never
  }
  if (reply.headers !== undefined && Object.keys(reply.headers).length > 0)
    files.set("headers.json", pretty(reply.headers))
  return files
}

/** Keys stay in the order they go out. */
function pretty(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"))
}

async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = ""
  for await (const piece of pieces) text += piece
  return text
}
