import { execFileSync } from "node:child_process"
import { expect, test } from "vitest"
import { type AskedChat, asCurl, openAiRequest } from "./as-request.ts"

const ASKED: AskedChat = {
  model: "tiny:1b",
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: `It's "$HOME" \`ls\` \\ and\na line` },
    { role: "assistant", content: "Yes.", reasoning: "hm" },
  ],
  sampling: { temperature: 0, topP: 0.5, topK: 3, seed: 7, mirostat: 2 },
}
const ORIGIN = { origin: "http://127.0.0.1:1", needsKey: false }

test("names are those of the OpenAI API; what it does not know is left out", () => {
  expect(openAiRequest(ASKED)).toEqual({
    model: "tiny:1b",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: ASKED.messages[1]?.content },
      { role: "assistant", content: "Yes." },
    ],
    ...{ temperature: 0, top_p: 0.5, top_k: 3, seed: 7 },
  })
})

test("calls of tools and their results keep their ids", () => {
  const call = { callId: "c1", name: "add", arguments: "{}" }
  const messages = [
    { role: "assistant" as const, content: "", toolCalls: [call] },
    { role: "tool" as const, content: "3", callId: "c1" },
  ]
  expect(openAiRequest({ ...ASKED, messages, sampling: {} })).toMatchObject({
    messages: [
      { tool_calls: [{ id: "c1", type: "function", function: { name: "add", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "c1", content: "3" },
    ],
  })
})

test("a shell gives the command the very request, whatever is in the texts", () => {
  const script = `curl() { for it; do printf '%s\\0' "$it"; done; }\n${asCurl(ASKED, ORIGIN)}`
  const given = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0")
  expect(given[0]).toBe("http://127.0.0.1:1/v1/chat/completions")
  expect(JSON.parse(given[given.indexOf("-d") + 1] ?? "")).toEqual(openAiRequest(ASKED))
})

test("a key is asked for by name, and is not in it", () => {
  expect(asCurl(ASKED, { ...ORIGIN, needsKey: true })).toContain('"Authorization: Bearer $FIRESIDE_KEY"')
  expect(asCurl(ASKED, ORIGIN)).not.toContain("Authorization")
})
