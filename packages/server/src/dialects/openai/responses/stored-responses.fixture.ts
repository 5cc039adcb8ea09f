// Stored responses in memory, with one that is there.
import type { App } from "@fireside/app"
import { AppError } from "@fireside/protocol"

type StoredResponses = App["responses"]
type StoredResponse = Awaited<ReturnType<StoredResponses["get"]>>

const BEFORE: StoredResponse = {
  id: "resp_before",
  previousId: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  messages: [
    { role: "user", content: "Weather?", images: [{ mediaType: "image/png", data: "iVBORw0K" }] },
    {
      role: "assistant",
      content: "Where?",
      reasoning: "No place.",
    },
    { role: "user", content: "Oslo" },
    {
      role: "assistant",
      content: "",
      toolCalls: [{ callId: "call_9", name: "get_weather", arguments: "{}" }],
    },
  ],
  body: { id: "resp_before", object: "response", status: "completed" },
}

export interface MemoryResponses extends StoredResponses {
  readonly saved: readonly string[]
  failSave: AppError | undefined
}

export function createMemoryResponses(owner = "local"): MemoryResponses {
  const key = (id: string, of: string): string => `${of} ${id}`
  const kept = new Map([[key(BEFORE.id, owner), BEFORE]])
  const saved: string[] = []
  const find = (id: string, of: string): StoredResponse => {
    const found = kept.get(key(id, of))
    if (found === undefined) throw new AppError("not-found", { message: `There is no response ${id}.` })
    return found
  }
  const responses: MemoryResponses = {
    saved,
    failSave: undefined,
    async save(response, of) {
      if (responses.failSave !== undefined) throw responses.failSave
      kept.set(key(response.id, of), { ...response, createdAt: BEFORE.createdAt })
      saved.push(response.id)
    },
    get: async (id, of) => find(id, of),
    async remove(id, of) {
      find(id, of)
      kept.delete(key(id, of))
    },
  }
  return responses
}
