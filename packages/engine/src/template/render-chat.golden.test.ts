// What we render is, byte for byte, what Python's Jinja renders (see fixtures/README.md).
import { readdirSync, readFileSync } from "node:fs"
import type { Message, ToolDefinition } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { renderChat } from "./render-chat.ts"

const FIXTURES = new URL("./fixtures/", import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, FIXTURES), "utf8")

interface Conversation {
  readonly messages: readonly Message[]
  readonly tools?: readonly ToolDefinition[]
  readonly think?: boolean
}

const conversations: Readonly<Record<string, Conversation>> = JSON.parse(read("conversations.json"))
const families = readdirSync(FIXTURES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

const TOKENS: Readonly<Record<string, readonly [string, string]>> = {
  llama3: ["<|begin_of_text|>", "<|eot_id|>"],
  gemma: ["<bos>", "<eos>"],
  mistral: ["<s>", "</s>"],
  deepseek: ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"],
  phi: ["<s>", "<|endoftext|>"],
}

/** Conversations that the template cannot show as they are: we render them in another shape, and say so. */
const ADAPTED: Readonly<Record<string, RegExp>> = {
  "chatml/user-with-tools": /no tools/,
  "chatml/user-call-tool-assistant-user": /no tools/,
  "deepseek/user-with-tools": /no tools/,
  "deepseek/user-call-tool-assistant-user": /no tools/,
  "gemma/system-user": /no place for a system message/,
  "gemma/system-user-assistant-user": /no place for a system message/,
  "gemma/user-with-tools": /no tools/,
  "gemma/user-call-tool-assistant-user": /no tools/,
  "phi/user-with-tools": /no tools/,
  "phi/user-call-tool-assistant-user": /no tools/,
}

describe.each(families)("template of %s", (family) => {
  test.each(Object.keys(conversations))("%s", (name) => {
    const [bosToken, eosToken] = TOKENS[family] ?? ["", "<|im_end|>"]
    const notices: string[] = []
    const segments = renderChat({
      template: read(`${family}/template.jinja`),
      bosToken,
      eosToken,
      ...conversations[name]!,
      specialTokens: [],
      now: new Date(2026, 6, 4, 13, 5, 9),
      onNotice: (message) => notices.push(message),
    })
    const text = segments.map((segment) => segment.text).join("")
    const adapted = ADAPTED[`${family}/${name}`]
    if (adapted === undefined) {
      expect(text).toBe(read(`${family}/${name}.txt`))
      expect(notices).toEqual([])
    } else {
      expect(notices.join(" ")).toMatch(adapted)
      expect(text).not.toBe(read(`${family}/${name}.txt`))
      for (const { content } of conversations[name]!.messages) expect(text).toContain(content.trim())
      for (const tool of conversations[name]!.tools ?? []) expect(text).toContain(`"name":"${tool.name}"`)
    }
  })
})

test("the goldens are those of these conversations", () => {
  for (const family of families)
    expect(readdirSync(new URL(`${family}/`, FIXTURES)).sort()).toEqual(
      ["template.jinja", ...Object.keys(conversations).map((name) => `${name}.txt`)].sort(),
    )
})
