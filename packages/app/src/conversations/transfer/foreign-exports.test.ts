import { expect, test } from "vitest"
import { readElement } from "./import-conversations.ts"
import { toMoment } from "./imported-conversation.ts"

const read = (value: unknown) => readElement({ type: "text", text: JSON.stringify(value) })
/** What is told of messages, without what is null. */
function messagesOf(value: unknown): unknown[] {
  const found = read(value)
  if ("reason" in found) throw new Error(found.message)
  return found.messages.map(({ id, parentId, message, model, state }) => ({
    ...{ id, parentId, ...message },
    ...(model === null ? {} : { model }),
    ...(state === "complete" ? {} : { state }),
  }))
}

const chatGpt = (message: object | null, parent: string | null, children: string[] = []) => ({
  parent,
  children,
  message,
})
const said = (role: string, content: object, rest: object = {}) => ({
  author: { role, name: null },
  create_time: 1_700_000_000.25,
  content,
  status: "finished_successfully",
  recipient: "all",
  metadata: {},
  ...rest,
})
const text = (...parts: unknown[]) => ({ content_type: "text", parts })

test("ChatGPT: the tree without the program's own nodes", () => {
  const conversation = {
    title: "Walks",
    create_time: 1_700_000_000.5,
    update_time: 1_700_000_100,
    conversation_id: "c-1",
    current_node: "d",
    mapping: {
      root: chatGpt(null, null, ["s"]),
      s: chatGpt(said("system", text("")), "root", ["e"]),
      e: chatGpt(
        said(
          "user",
          { content_type: "user_editable_context", user_profile: "x" },
          {
            metadata: { is_visually_hidden_from_conversation: true },
          },
        ),
        "s",
        ["a"],
      ),
      a: chatGpt(said("user", text("Where", "to?")), "e", ["t", "b"]),
      t: chatGpt(
        said("assistant", {
          content_type: "thoughts",
          thoughts: [{ summary: "s", content: "near a lake" }],
        }),
        "a",
        ["k"],
      ),
      k: chatGpt(said("assistant", { content_type: "code", text: "search()" }, { recipient: "web" }), "t", [
        "o",
      ]),
      o: chatGpt(said("tool", { content_type: "execution_output", text: "result" }), "k", ["d"]),
      d: chatGpt(
        said("assistant", text("Zürich \ue200cite\ue202turn0\ue201 lake"), {
          metadata: { model_slug: "gpt-x" },
        }),
        "o",
      ),
      b: chatGpt(said("assistant", text("Stopped"), { status: "in_progress" }), "a"),
    },
  }
  expect(read(conversation)).toMatchObject({
    source: "chatgpt",
    id: "c-1",
    title: "Walks",
    model: "",
    createdAt: "2023-11-14T22:13:20.500Z",
    updatedAt: "2023-11-14T22:15:00.000Z",
  })
  expect(messagesOf(conversation)).toEqual([
    { id: "a", parentId: null, role: "user", content: "Where\nto?" },
    { id: "b", parentId: "a", role: "assistant", content: "Stopped", state: "partial" },
    {
      ...{ id: "d", parentId: "a", role: "assistant", content: "Zürich  lake" },
      ...{ reasoning: "near a lake", model: "gpt-x" },
    },
  ])
})

test("ChatGPT: pictures and sounds leave what can be read", () => {
  const parts = [
    { content_type: "image_asset_pointer", asset_pointer: "file-service://x" },
    { content_type: "audio_transcription", text: "what is it?" },
    { content_type: "audio_asset_pointer" },
  ]
  const mapping = { a: chatGpt(said("user", { content_type: "multimodal_text", parts }), null) }
  expect(messagesOf({ mapping })).toEqual([
    { id: "a", parentId: null, role: "user", content: "[image]\nwhat is it?" },
  ])
})

const claude = (uuid: string, sender: string, rest: object) => ({
  uuid,
  sender,
  text: "",
  content: [],
  created_at: "2025-05-01T10:00:00.000000Z",
  attachments: [],
  files: [],
  ...rest,
})

test("Claude: a list, each message after the one before", () => {
  const conversation = {
    uuid: "c-2",
    name: "Walks",
    created_at: "2025-05-01T10:00:00.000000Z",
    updated_at: "2025-05-02T10:00:00Z",
    account: { uuid: "u" },
    chat_messages: [
      claude("1", "human", {
        text: "What does it say?",
        content: [{ type: "text", text: "What does it say?" }],
        attachments: [{ file_name: "a.txt", extracted_content: "Hello." }],
        files: [{ file_name: "a.txt" }, { file_name: "b.png" }],
      }),
      claude("2", "assistant", {
        content: [
          { type: "thinking", thinking: "It greets." },
          { type: "text", text: "It" },
          { type: "tool_use", name: "x", input: {} },
          { type: "text", text: "greets." },
        ],
      }),
      claude("3", "human", {}),
      claude("4", "human", { text: "Thanks" }),
    ],
  }
  expect(read(conversation)).toMatchObject({
    ...{ source: "claude", id: "c-2", title: "Walks" },
    ...{ createdAt: "2025-05-01T10:00:00.000Z", updatedAt: "2025-05-02T10:00:00.000Z" },
  })
  expect(messagesOf(conversation)).toEqual([
    { id: "1", parentId: null, role: "user", content: "What does it say?\n\n[a.txt]\nHello.\n\n[b.png]" },
    { id: "2", parentId: "1", role: "assistant", content: "It\n\ngreets.", reasoning: "It greets." },
    { id: "4", parentId: "2", role: "user", content: "Thanks" },
  ])
})

test("Claude: newer files name the message that is followed", () => {
  const conversation = {
    uuid: "c",
    chat_messages: [
      claude("1", "human", { text: "a", parent_message_uuid: "00000000-0000-4000-8000-000000000000" }),
      claude("2", "assistant", { text: "b", parent_message_uuid: "1" }),
      claude("3", "assistant", { text: "c", parent_message_uuid: "1" }),
    ],
    current_leaf_message_uuid: "2",
  }
  expect(messagesOf(conversation)).toMatchObject([
    { id: "1", parentId: null },
    { id: "3", parentId: "1" },
    { id: "2", parentId: "1" },
  ])
})

test("Open WebUI: the tree, thoughts out of the text, tags, pin and system text", () => {
  const reasoning = `<details type="reasoning" done="true" duration="2">\n<summary>Thought for 2 seconds</summary>\n&gt; a &lt;b&gt;\n> c\n</details>\n`
  const conversation = {
    id: "c-3",
    user_id: "u",
    title: "Walks",
    pinned: true,
    created_at: 1_700_000_000,
    updated_at: 1_700_000_100,
    meta: { tags: ["outside"] },
    chat: {
      title: "Walks",
      params: { system: "Be brief." },
      tags: ["outside", "zurich"],
      history: {
        currentId: "2",
        messages: {
          "1": {
            id: "1",
            parentId: null,
            childrenIds: ["2", "3"],
            role: "user",
            content: "Where?",
            timestamp: 1,
          },
          "2": {
            id: "2",
            parentId: "1",
            role: "assistant",
            content: `${reasoning}Zürich`,
            model: "llama3",
            done: true,
          },
          "3": { id: "3", parentId: "1", role: "assistant", content: "Nowh", model: "x", done: false },
        },
      },
      messages: [],
    },
  }
  expect(read(conversation)).toMatchObject({
    ...{ source: "open-webui", id: "c-3", title: "Walks", system: "Be brief.", pinned: true },
    ...{ tags: ["outside", "zurich"], createdAt: "2023-11-14T22:13:20.000Z" },
  })
  const messages = [
    { id: "1", parentId: null, role: "user", content: "Where?" },
    { id: "3", parentId: "1", role: "assistant", content: "Nowh", model: "x", state: "partial" },
    { id: "2", parentId: "1", role: "assistant", content: "Zürich", reasoning: "a <b>\nc", model: "llama3" },
  ]
  expect(messagesOf(conversation)).toEqual(messages)
  expect(messagesOf(conversation.chat)).toEqual(messages)
})

test.each([
  ["unknown-format", { title: "x", messages: [] }],
  ["unknown-format", 5],
  ["unknown-format", null],
  ["damaged", { title: "x", mapping: { a: 5 } }],
  ["damaged", { chat_messages: [5] }],
  ["damaged", { history: { messages: { a: 5 } } }],
  ["damaged", { format: "fireside-conversation", version: 2 }],
  ["empty", { title: "x", mapping: {} }],
  ["empty", { chat_messages: [claude("1", "human", {})] }],
])("%s: %j", (reason, value) => {
  expect(read(value)).toMatchObject({ reason })
})

test("what is no JSON is damaged", () => {
  expect(readElement({ type: "text", text: "{a}" })).toMatchObject({ reason: "damaged" })
})

test.each([
  [1_700_000_000, "2023-11-14T22:13:20.000Z"],
  [1_700_000_000.5, "2023-11-14T22:13:20.500Z"],
  [1_700_000_000_000, "2023-11-14T22:13:20.000Z"],
  [1_700_000_000_000_000, "2023-11-14T22:13:20.000Z"],
  [1_700_000_000_000_000_000, "2023-11-14T22:13:20.000Z"],
  ["2023-11-14T22:13:20Z", "2023-11-14T22:13:20.000Z"],
  ["yesterday", undefined],
  [Number.NaN, undefined],
  [-1e300, undefined],
  [null, undefined],
])("the moment %j", (value, moment) => {
  expect(toMoment(value)).toBe(moment)
})

test("a text of many openings costs its length, not its square", () => {
  const content = '<details type="reasoning">'.repeat(40_000)
  const value = { history: { messages: { a: { role: "assistant", content } } } }
  expect(messagesOf(value)).toEqual([{ id: "a", parentId: null, role: "assistant", content }])
})
