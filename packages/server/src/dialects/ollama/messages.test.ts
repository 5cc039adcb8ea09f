import { expect, test } from "vitest"
import { readImages, readMessages } from "./messages.ts"

test("tool results are joined with their calls: by id, by name, or in order", () => {
  const calls = [
    { function: { name: "a", arguments: { x: 1 } } },
    { id: "own", function: { name: "b", arguments: '{"y": 2}' } },
    { function: { name: "a" } },
  ]
  const tools = (...results: object[]) =>
    readMessages([
      { role: "assistant", tool_calls: calls },
      ...results.map((it) => ({ role: "tool" as const, content: "r", ...it })),
    ]).slice(1)
  expect(tools({}, {}, {})).toEqual([
    { role: "tool", content: "r", callId: "call_0_0", name: "a" },
    { role: "tool", content: "r", callId: "own", name: "b" },
    { role: "tool", content: "r", callId: "call_0_2", name: "a" },
  ])
  expect(tools({ tool_call_id: "own" }, { tool_name: "a" }, { name: "a" })).toEqual([
    { role: "tool", content: "r", callId: "own", name: "b" },
    { role: "tool", content: "r", callId: "call_0_0", name: "a" },
    { role: "tool", content: "r", callId: "call_0_2", name: "a" },
  ])
  expect(tools({ tool_name: "unknown" })).toEqual([{ role: "tool", content: "r", name: "unknown" }])
})

test("the assistant's turn keeps thinking and calls", () => {
  expect(
    readMessages([
      {
        role: "assistant",
        content: null,
        thinking: "hm",
        tool_calls: [
          { function: { name: "a", arguments: { x: 1 } } },
          { function: { name: "b", arguments: null } },
        ],
      },
    ]),
  ).toEqual([
    {
      role: "assistant",
      content: "",
      reasoning: "hm",
      toolCalls: [
        { callId: "call_0_0", name: "a", arguments: '{"x":1}' },
        { callId: "call_0_1", name: "b", arguments: "{}" },
      ],
    },
  ])
})

test.each(["{", "[]", "3", "null"])("arguments %s are refused with their place", (text) => {
  const tool_calls = [{ function: { name: "a", arguments: text } }]
  const messages = [{ role: "user", content: "x" } as const, { role: "assistant", tool_calls } as const]
  expect(() => readMessages(messages)).toThrow(/`messages\[1\]\.tool_calls\[0\]\.function\.arguments`/)
})

test("images are known by their first bytes", () => {
  expect(readImages(["iVBORw0KGgoAAA==", "data:image/x;base64,/9j/4AAQ", "AAAA"], "images")).toEqual([
    { mediaType: "image/png", data: "iVBORw0KGgoAAA==" },
    { mediaType: "image/jpeg", data: "/9j/4AAQ" },
    { mediaType: "application/octet-stream", data: "AAAA" },
  ])
  expect(() => readImages(["AAAA", "no base64!"], "images")).toThrow(/`images\[1\]`/)
  expect(() => readMessages([{ role: "system", content: "x", images: ["AAAA"] }])).toThrow(
    /`messages\[0\]\.images`/,
  )
})
