// Small exports in the shapes that other programs write: one chat each.

const CHATGPT_NODE = { children: [], parent: null, message: null }

function chatGptMessage(role: string, text: string): object {
  return {
    author: { role, name: null },
    create_time: 1_700_000_000.25,
    content: { content_type: "text", parts: [text] },
    status: "finished_successfully",
    recipient: "all",
    metadata: role === "assistant" ? { model_slug: "gpt-4o" } : {},
  }
}

export const CHATGPT_EXPORT = [
  {
    title: "Lanterns",
    create_time: 1_700_000_000.5,
    update_time: 1_700_000_100,
    conversation_id: "9e1f0a52-0d5f-4c56-9a65-3f1c2b7f1a01",
    current_node: "b",
    mapping: {
      root: { ...CHATGPT_NODE, id: "root", children: ["a"] },
      a: {
        id: "a",
        parent: "root",
        children: ["b"],
        message: chatGptMessage("user", "What burned in them?"),
      },
      b: { id: "b", parent: "a", children: [], message: chatGptMessage("assistant", "Whale oil, long ago.") },
    },
  },
]

function claudeMessage(uuid: string, sender: string, text: string): object {
  const at = "2025-05-01T10:00:00.000000Z"
  return { uuid, sender, text, content: [{ type: "text", text }], created_at: at, attachments: [], files: [] }
}

export const CLAUDE_EXPORT = [
  {
    uuid: "9e1f0a52-0d5f-4c56-9a65-3f1c2b7f1a02",
    name: "Tides",
    created_at: "2025-05-01T10:00:00.000000Z",
    updated_at: "2025-05-02T10:00:00Z",
    account: { uuid: "9e1f0a52-0d5f-4c56-9a65-3f1c2b7f1a03" },
    chat_messages: [
      claudeMessage("1", "human", "How often?"),
      claudeMessage("2", "assistant", "Twice a day, almost."),
    ],
  },
]

export const OPEN_WEBUI_EXPORT = [
  {
    id: "9e1f0a52-0d5f-4c56-9a65-3f1c2b7f1a04",
    user_id: "somebody",
    title: "Foghorns",
    pinned: false,
    created_at: 1_700_000_000,
    updated_at: 1_700_000_100,
    meta: { tags: [] },
    chat: {
      title: "Foghorns",
      params: {},
      history: {
        currentId: "2",
        messages: {
          "1": {
            id: "1",
            parentId: null,
            childrenIds: ["2"],
            role: "user",
            content: "Why so deep?",
            timestamp: 1,
          },
          "2": {
            id: "2",
            parentId: "1",
            role: "assistant",
            content: "Low notes carry far.",
            model: "llama3",
            done: true,
          },
        },
      },
      messages: [],
    },
  },
]
