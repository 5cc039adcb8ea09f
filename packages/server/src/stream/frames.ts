// The two ways that streams are written.

/** One server-sent event. `event` is left out where a dialect names none. */
export function sseFrame(data: unknown, event?: string): string {
  const text = typeof data === "string" ? data : JSON.stringify(data)
  return event === undefined ? `data: ${text}\n\n` : `event: ${event}\ndata: ${text}\n\n`
}

/** A comment: keeps the connection, and clients skip it. */
export const SSE_HEARTBEAT = ": still working\n\n"

export function ndjsonFrame(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}
