// What goes into a response, as OpenAI's clients write it: texts, pictures, calls and their results. An item or part that cannot be taken is
// refused by its name.
import { REQUEST_LIMITS, z } from "@fireside/protocol"
import { byType } from "../../by-type.ts"

const Part = byType("the part", [
  z.object({ type: z.literal("input_text"), text: z.string() }),
  z.object({ type: z.literal("output_text"), text: z.string() }),
  /** As some clients shorten both. */
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("refusal"), refusal: z.string() }),
  z.object({
    type: z.literal("input_image"),
    image_url: z.string().nullish(),
    file_id: z.string().nullish(),
  }),
])
export type Part = z.output<typeof Part>

const Content = z.union([z.string(), z.array(Part)])
export type Content = z.output<typeof Content>

const Text = z.object({ text: z.string() })

const Item = byType("the item", [
  z.object({
    type: z.literal("message"),
    role: z.enum(["user", "assistant", "system", "developer"]),
    content: Content,
  }),
  z.object({
    type: z.literal("function_call"),
    call_id: z.string().min(1),
    name: z.string().min(1),
    arguments: z.string(),
  }),
  z.object({
    type: z.literal("function_call_output"),
    call_id: z.string().min(1),
    output: Content,
  }),
  /** `encrypted_content` is of another server's making: there is nothing in it for a model here. */
  z.object({
    type: z.literal("reasoning"),
    summary: z.array(Text).nullish(),
    content: z.array(Text).nullish(),
  }),
])
export type Item = z.output<typeof Item>

/** A message may come without its type. */
const AnyItem = z.preprocess(
  (item) =>
    typeof item === "object" && item !== null && "role" in item && !("type" in item)
      ? { ...item, type: "message" }
      : item,
  Item,
)

export const Input = z.union([z.string(), z.array(AnyItem).min(1).max(REQUEST_LIMITS.messages)])
export type Input = z.output<typeof Input>
