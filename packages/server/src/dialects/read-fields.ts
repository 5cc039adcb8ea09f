// A wire body against its schema: the value, and the names of fields that the schema does not know. Unknown fields are tolerated, because
// clients of other servers send their own; they are told back in a header.
import { AppError, type z } from "@fireside/protocol"

export interface ReadFields<Value> {
  readonly value: Value
  /** Top-level names that were not looked at, in the order they came. */
  readonly ignored: readonly string[]
}

/** Throws `bad-request` with `details {field}`, the path of the first field that is wrong: `messages[2].content`. */
export function readFields<Shape extends z.ZodObject>(
  schema: Shape,
  body: unknown,
): ReadFields<z.output<Shape>> {
  const parsed = schema.safeParse(body)
  if (!parsed.success) throw fieldError(parsed.error)
  const known = schema.shape
  const given = Object.keys(body as Record<string, unknown>)
  return { value: parsed.data, ignored: given.filter((name) => !Object.hasOwn(known, name)) }
}

/** The header that lists ignored fields; undefined when there are none. */
export function ignoredHeader(ignored: readonly string[]): Readonly<Record<string, string>> {
  if (ignored.length === 0) return {}
  const shown = ignored.slice(0, LISTED).map((name) => name.replaceAll(/[^\w.-]/g, "?").slice(0, 64))
  return { "fireside-ignored-fields": shown.join(", ") }
}

const LISTED = 20

function fieldError(error: z.ZodError): AppError {
  const issue = deepest(error.issues)
  const field = fieldPath(issue.path)
  const where = field === "" ? "The body" : `\`${field}\``
  // What is not there has no other way of being wrong; a body that is not there was refused before.
  const isMissing = issue.code === "invalid_type" && / received undefined$/.test(issue.message)
  return new AppError("bad-request", {
    message: isMissing ? `${where} is missing.` : `${where} is not as expected: ${issue.message}.`,
    details: { field },
    cause: error,
  })
}

type Issue = z.ZodError["issues"][number]

/** Of a union, the alternative that came furthest: what its user meant. */
function deepest(issues: readonly Issue[]): Issue {
  let best: Issue = issues[0] as Issue
  for (const issue of issues) {
    const found =
      issue.code === "invalid_union" && issue.errors.length > 0
        ? issue.errors
            .map((inner) => (inner.length === 0 ? issue : deepest(inner)))
            .map((inner) => (inner === issue ? issue : { ...inner, path: [...issue.path, ...inner.path] }))
            .reduce((left, right) => (isNearer(right, left) ? right : left))
        : issue
    if (found.path.length > best.path.length || best.code === "invalid_union") best = found
  }
  return best
}

/** The type was right and the value is not (too long, too large), or it is further in. */
function isNearer(issue: Issue, other: Issue): boolean {
  if (isOfType(issue) !== isOfType(other)) return isOfType(other)
  return issue.path.length > other.path.length
}

function isOfType({ code }: Issue): boolean {
  return code === "invalid_type" || code === "invalid_value" || code === "invalid_union"
}

function fieldPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => (typeof part === "number" ? `[${part}]` : `${at === 0 ? "" : "."}${String(part)}`))
    .join("")
}
