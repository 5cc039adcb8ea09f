// Unions whose members say by `type` what they are: blocks, items, parts.
import { z } from "@fireside/protocol"

type Alternative = z.ZodObject<{ type: z.ZodLiteral<string> } & z.core.$ZodLooseShape>

/** The union, with an error that names the type that came. `subject` begins it: "the item `video` is not supported". */
export function byType<const Alternatives extends readonly [Alternative, ...Alternative[]]>(
  subject: string,
  alternatives: Alternatives,
) {
  return z.discriminatedUnion("type", alternatives, {
    error: ({ input }) => {
      const type = typeof input === "object" && input !== null ? Reflect.get(input, "type") : undefined
      return typeof type === "string"
        ? `${subject} \`${type.slice(0, 64)}\` is not supported`
        : "expected an object with a `type`"
    },
  })
}
