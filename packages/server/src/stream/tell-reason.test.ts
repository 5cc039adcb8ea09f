import { AppError, type ChatEvent } from "@fireside/protocol"
import { expect, test } from "vitest"
import { tellReason } from "./tell-reason.ts"

const STOPPED = new AppError("interrupted", { message: "The work was stopped." })
const stopping = AbortSignal.abort(new AppError("shutting-down", { message: "The server stops." }))

async function* told(code: "interrupted" | "engine-hung"): AsyncGenerator<ChatEvent> {
  yield { type: "text-delta", text: "a" }
  yield { type: "error", code, message: "The work was stopped." }
}

async function* thrown(): AsyncGenerator<ChatEvent> {
  yield { type: "text-delta", text: "a" }
  throw STOPPED
}

async function codesOf(events: AsyncIterable<ChatEvent>): Promise<string[]> {
  const codes: string[] = []
  try {
    for await (const event of events) codes.push(event.type === "error" ? event.code : event.type)
  } catch (error) {
    codes.push(error instanceof AppError ? `thrown ${error.code}` : "")
  }
  return codes
}

test.each([
  ["told", told("interrupted"), stopping, ["text-delta", "shutting-down"]],
  ["thrown", thrown(), stopping, ["text-delta", "thrown shutting-down"]],
  ["another error", told("engine-hung"), stopping, ["text-delta", "engine-hung"]],
  ["nobody stopped it", told("interrupted"), new AbortController().signal, ["text-delta", "interrupted"]],
  ["a reason that is not ours", thrown(), AbortSignal.abort(), ["text-delta", "thrown interrupted"]],
])("%s", async (_, events, signal, codes) => {
  expect(await codesOf(tellReason(events, signal))).toEqual(codes)
})
