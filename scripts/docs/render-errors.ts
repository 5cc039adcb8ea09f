// docs/reference/errors.md: every error a user can meet.
import { ERROR_CODES } from "@fireside/protocol"
import { code, GENERATED, table } from "./table.ts"

/** What an exit code says whatever the command; from the design's conventions. */
const EXIT_CODES: readonly (readonly [number, string])[] = [
  [0, "done"],
  [1, "failed"],
  [2, "wrong usage"],
  [69, "not reachable"],
  [73, "cannot write"],
  [75, "held by another process"],
  [78, "refused by configuration, licence or missing consent"],
  [130, "interrupted"],
]

export function renderErrors(): string {
  const rows = Object.entries(ERROR_CODES).map(([name, facts]) => [
    code(name),
    facts.meaning,
    String(facts.exitCode),
    String(facts.status),
    facts.retryable ? "yes" : "no",
  ])
  const unknown = Object.values(ERROR_CODES).find(
    ({ exitCode }) => !EXIT_CODES.some(([known]) => known === exitCode),
  )
  if (unknown !== undefined)
    throw new Error(`exit code ${unknown.exitCode} has no meaning in render-errors.ts`)
  return `${GENERATED}

# Errors

With \`--json\` an error is one line on standard error: \`{"error":{"code","message","hint"}}\`. Inside a stream it is the last event.
"Again" says whether the same request may succeed later.

${table(["code", "meaning", "exit code", "HTTP status", "again"], rows)}

## Exit codes

${table(
  ["exit code", "meaning"],
  EXIT_CODES.map(([exit, meaning]) => [String(exit), meaning]),
)}
`
}
