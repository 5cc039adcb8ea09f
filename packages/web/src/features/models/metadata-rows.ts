// The header of a model's file as rows for people: simple values as they are, lists by their length.

export interface MetadataRow {
  readonly key: string
  readonly value: string
}

/** The template has a place of its own. */
const ELSEWHERE = ["tokenizer.chat_template"]
const VALUE_LENGTH = 400

export function metadataRows(metadata: Readonly<Record<string, unknown>>): readonly MetadataRow[] {
  return Object.entries(metadata)
    .filter(([key]) => !ELSEWHERE.includes(key))
    .map(([key, value]) => ({ key, value: shorten(write(value)) }))
    .toSorted((a, b) => a.key.localeCompare(b.key))
}

function write(value: unknown): string {
  if (typeof value === "string") return value
  if (typeof value === "object" && value !== null && "length" in value && "type" in value)
    return `${String(value.type)} × ${String(value.length)}`
  if (Array.isArray(value)) return value.map(write).join(", ")
  return typeof value === "object" ? JSON.stringify(value) : String(value)
}

function shorten(text: string): string {
  const characters = Array.from(text)
  return characters.length > VALUE_LENGTH ? `${characters.slice(0, VALUE_LENGTH).join("")}…` : text
}
