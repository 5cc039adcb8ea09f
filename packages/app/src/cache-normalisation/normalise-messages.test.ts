import type { Message } from "@fireside/protocol"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { normaliseMessages, normaliseRequest } from "./normalise-messages.ts"

const system = (content: string): Message => ({ role: "system", content })
const user: Message = { role: "user", content: "Hello" }
const CLOCK = "Current time is 20:37:19. Today's date is 2024-12-20."
const HEADER = "x-anthropic-billing-header: cc_version=2.1.177.01c; cc_entrypoint=sdk-cli; cch=36ee5;"
const STEADY = "x-anthropic-billing-header: cc_version=2.1.177.000; cc_entrypoint=sdk-cli; cch=00000;"

describe("normalised messages", () => {
  test.each([
    ["a header alone", HEADER, STEADY, ["billing-header"]],
    ["a header as first line", `${HEADER}\nYou code.`, `${STEADY}\nYou code.`, ["billing-header"]],
    [
      "a header without a checksum",
      "x-anthropic-billing-header: cc_version=2.1.177.abc; cc_entrypoint=cli;",
      "x-anthropic-billing-header: cc_version=2.1.177.000; cc_entrypoint=cli;",
      ["billing-header"],
    ],
    [
      "a header with more fields",
      "x-anthropic-billing-header: cc_version=2.1.0; cch=12345; cc_more=a-b;",
      "x-anthropic-billing-header: cc_version=2.1.0; cch=00000; cc_more=a-b;",
      ["billing-header"],
    ],
    ["a clock", `${CLOCK}\nYou are a voice.`, `You are a voice.\n${CLOCK}`, ["clock"]],
  ])("%s", (_, before, after, names) => {
    expect(normaliseMessages([system(before), user])).toEqual({ messages: [system(after), user], names })
  })

  test.each([
    ["a header in a later line", `You code.\n${HEADER}`],
    ["a header with words behind it", `${HEADER} You code.`],
    ["a checksum elsewhere", "You code. cch=36ee5;"],
    ["a clock alone", CLOCK],
    ["a clock in a later line", `You are a voice.\n${CLOCK}`],
    ["a clock in another form", "Current time is noon. Today's date is 2024-12-20.\nYou."],
    ["an empty text", ""],
  ])("%s stays", (_, text) => {
    const messages = [system(text), user]
    expect(normaliseMessages(messages)).toEqual({ messages, names: [] })
  })

  test("neither a user's text nor a later system text is touched", () => {
    const messages = [system("You code."), { ...user, content: HEADER }, system(`${CLOCK}\nYou.`)]
    expect(normaliseMessages(messages).messages).toBe(messages)
  })

  test("the same twice as once, and no line is lost", () => {
    const line = fc.oneof(fc.constantFrom(CLOCK, HEADER, STEADY, "", "You."), fc.string())
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        const once = normaliseMessages([system(lines.join("\n")), user])
        expect(normaliseMessages(once.messages)).toEqual({ messages: once.messages, names: [] })
        const written = once.messages[0]?.content.replaceAll(HEADER, STEADY).split("\n").toSorted()
        expect(written).toEqual(lines.join("\n").replaceAll(HEADER, STEADY).split("\n").toSorted())
      }),
    )
  })
})

test.each([
  [undefined, true, true],
  [undefined, false, false],
  [false, true, false],
  [true, false, true],
])("a request that says %s under a setting of %s", (normalise, byDefault, changes) => {
  const asked = { messages: [system(HEADER), user], ...(normalise === undefined ? {} : { normalise }) }
  expect(normaliseRequest(asked, byDefault).names.length > 0).toBe(changes)
})
