// One message from one or more lines: `"""` opens a text of many lines and closes it.
import type { LineEditor } from "./line-editor.ts"

const FENCE = '"""'

export interface Prompts {
  readonly first: string
  readonly more: string
}

/** The message, `undefined` at the end of input. A text left open at the end of input is taken as it stands. */
export async function readMessage(editor: LineEditor, prompts: Prompts): Promise<string | undefined> {
  const line = await editor.read(prompts.first)
  if (line === undefined) return undefined
  const trimmed = line.trimStart()
  if (!trimmed.startsWith(FENCE)) return line
  let text = trimmed.slice(FENCE.length)
  while (!text.trimEnd().endsWith(FENCE)) {
    const next = await editor.read(prompts.more)
    if (next === undefined) return text
    text += `\n${next}`
  }
  return text.trimEnd().slice(0, -FENCE.length).replace(/^\n/, "")
}
