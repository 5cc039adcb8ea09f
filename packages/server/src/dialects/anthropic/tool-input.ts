// What a model wrote as the arguments of a call, as the object that Anthropic's clients parse.

export interface ToolInput {
  /** JSON text of an object, whatever the model wrote. */
  readonly json: string
  readonly input: Readonly<Record<string, unknown>>
}

/**
 * Clients parse the arguments when the block ends, and a text that is no object ends their stream with an exception. What was only cut off the
 * engine has closed already; what is broken all the same comes whole under `_raw`, so that the tool's refusal shows the model what it wrote.
 */
export function toolInput(text: string): ToolInput {
  const input = text.trim() === "" ? {} : parseObject(text)
  if (input === undefined) return { json: JSON.stringify({ _raw: text }), input: { _raw: text } }
  return { json: text.trim() === "" ? "{}" : text, input }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    // An object of JSON has no other keys than texts.
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
