// Times as Ollama writes them: moments in RFC 3339, durations in whole nanoseconds.

/** `seconds` since 1970. Nine digits of a second, because clients of the Go server parse that many. */
export function createdAt(seconds: number): string {
  return `${new Date(seconds * 1_000).toISOString().slice(0, -1)}000000Z`
}

export function nanoseconds(ms: number): number {
  return Math.max(0, Math.round(ms * 1e6))
}

/** What `count` tokens took at this speed. At least 1 where there were tokens: clients divide by it. */
export function nanosecondsOf(count: number, tokensPerSecond: number): number {
  if (count <= 0) return 0
  return tokensPerSecond > 0 ? Math.max(1, Math.round((count / tokensPerSecond) * 1e9)) : 1
}

/** With an offset in digits: older Pythons do not read `Z`. */
export function expiresAt(iso: string | null): string {
  return iso === null ? FOR_EVER : iso.replace(/Z$/, "+00:00")
}

/** The end of a Go duration counted from now, more or less: what Ollama says of a model that stays for ever. */
const FOR_EVER = "2318-01-01T00:00:00.000+00:00"
