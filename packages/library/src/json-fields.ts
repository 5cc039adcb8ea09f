// Reading single fields of JSON that came from outside. Nothing is believed: what has another type is undefined.

export type JsonRecord = Readonly<Record<string, unknown>>

export function asRecord(value: unknown): JsonRecord | undefined {
  // A plain object; its fields stay unknown.
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonRecord)
    : undefined
}

export function asArray(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? (value as readonly unknown[]) : undefined
}

export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined
}

/** A whole number from 0 that JavaScript holds exactly. */
export function asCount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The caller says whose JSON it is; where it broke helps nobody.
    return undefined
  }
}
