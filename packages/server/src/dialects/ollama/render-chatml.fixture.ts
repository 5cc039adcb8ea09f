// A model's view of a conversation for tests: ChatML, each byte a token, as the fake engine counts them.
import type { App } from "@fireside/app"

export const renderChatml: App["render"] = async ({ messages }) => {
  const bytes: { byte: number; fromTemplate: boolean }[] = []
  const write = (text: string, fromTemplate: boolean): void => {
    for (const byte of Buffer.from(text)) bytes.push({ byte, fromTemplate })
  }
  for (const { role, content } of messages) {
    write(`<|im_start|>${role}\n`, true)
    write(content, false)
    write("<|im_end|>\n", true)
  }
  write("<|im_start|>assistant\n", true)
  const tokens = bytes.map(({ byte }) => byte)
  return {
    text: Buffer.from(tokens).toString(),
    tokens,
    fromTemplate: bytes.map(({ fromTemplate }) => fromTemplate),
    kinds: bytes.map(({ fromTemplate }) => (fromTemplate ? "template" : "user")),
    ends: tokens.map((_, index) => index + 1),
    contextLength: 2048,
  }
}
