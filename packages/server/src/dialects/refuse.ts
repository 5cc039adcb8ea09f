// Refusing by name: what another API has and this server does not do is said, never passed over.
import { AppError } from "@fireside/protocol"

/** To be thrown. `reason` continues the sentence that begins with the field's name. */
export function refuse(field: string, reason: string, hint?: string): AppError {
  return new AppError("bad-request", {
    message: `\`${field}\` ${reason}.`,
    details: { field },
    ...(hint === undefined ? {} : { hint }),
  })
}

/** To be thrown: a value that is wrong in a way that the schema cannot judge. */
export const badField = (field: string, rule: string): AppError =>
  refuse(field, `is not as expected: ${rule}`)

/** Throws for the first field of `refused` that the body gives a value other than null. */
export function refuseFields(body: unknown, refused: Readonly<Record<string, string>>): void {
  if (typeof body !== "object" || body === null) return
  const given = body as Readonly<Record<string, unknown>>
  for (const [field, reason] of Object.entries(refused))
    if (Object.hasOwn(given, field) && given[field] !== null && given[field] !== undefined)
      throw refuse(field, reason)
}
