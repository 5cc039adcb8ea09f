import { expect, test } from "vitest"
import { collectExport, type ExportClient } from "./collect-export.ts"

const client = (conversations: string): ExportClient => ({
  conversations: { export: async () => conversations },
  privacy: {
    ledger: async () => [],
    lock: async () => ({ lock: "locked", allowedHosts: [] }),
    storage: async () => {
      const database = { conversations: 1, messages: 2, responses: 0, prompts: 0, keys: 0, ledgerEntries: 0 }
      return { home: "home", totalBytes: 1, diskFreeBytes: 2, places: [], database }
    },
  },
  prompts: { list: async () => [{ id: "1", name: "a", text: "one", createdAt: "", updatedAt: "" }] },
  keys: { list: async () => [] },
  models: { list: async () => [] },
  settings: async () => [],
})

test("one text that is JSON, with the conversations as they are", async () => {
  const conversations = { format: "x", conversations: [{ title: 'a "quoted" } title' }] }
  const text = await collectExport({
    client: client(`${JSON.stringify(conversations)}\n`),
    now: Date.UTC(2026, 0, 2),
    preferences: { theme: "dark" },
  })
  expect(JSON.parse(text)).toMatchObject({
    format: "fireside-everything",
    exportedAt: "2026-01-02T00:00:00.000Z",
    lock: { lock: "locked" },
    preferences: { theme: "dark" },
    prompts: [{ name: "a", text: "one" }],
    storage: { database: { messages: 2 } },
    conversations,
  })
})

test("what cannot be read fails as a whole: half an export is no export", async () => {
  const broken: ExportClient = { ...client("{}"), settings: () => Promise.reject(new Error("gone")) }
  await expect(collectExport({ client: broken, now: 0, preferences: {} })).rejects.toThrow("gone")
})
