import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { CASES, type Family, TEMPLATES, TOOLS } from "./output-parser.cases.ts"
import { createOutputParser, type OutputParserInput, type ParsedPiece } from "./output-parser.ts"

function parse(
  family: Family,
  chunks: readonly string[],
  change: Partial<OutputParserInput> = {},
): ParsedPiece[] {
  let ids = 0
  const parser = createOutputParser({
    template: TEMPLATES[family],
    tools: TOOLS,
    promptTail: "",
    createCallId: () => `c${ids++}`,
    ...change,
  })
  return joined([...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()])
}

/** Neighbouring deltas of one kind are one. */
function joined(pieces: readonly ParsedPiece[]): ParsedPiece[] {
  const out: ParsedPiece[] = []
  for (const piece of pieces) {
    const last = out.at(-1)
    if (piece.type === "tool-call-delta" && last?.type === "tool-call-delta")
      out[out.length - 1] = { ...last, arguments: last.arguments + piece.arguments }
    else if (piece.type === "text-delta" && last?.type === "text-delta")
      out[out.length - 1] = { ...last, text: last.text + piece.text }
    else if (piece.type === "reasoning-delta" && last?.type === "reasoning-delta")
      out[out.length - 1] = { ...last, text: last.text + piece.text }
    else out.push(piece)
  }
  return out
}

/** A short form for tables: text as it is, `~reasoning`, `name(arguments)`. */
function brief(pieces: readonly ParsedPiece[]): string[] {
  const out: string[] = []
  let open = ""
  for (const piece of pieces) {
    if (piece.type === "text-delta") out.push(piece.text)
    if (piece.type === "reasoning-delta") out.push(`~${piece.text}`)
    if (piece.type === "tool-call-start") open = `${piece.name}(`
    if (piece.type === "tool-call-delta") open += piece.arguments
    if (piece.type === "tool-call-end") out.push(`${open})`)
  }
  return out
}

describe("families", () => {
  test.each(CASES)("%s", (_, family, text, expected) => {
    expect(brief(parse(family, [text]))).toEqual(expected)
  })
  test.each(CASES)("one character at a time: %s", (_, family, text) => {
    expect(parse(family, [...text])).toEqual(parse(family, [text]))
  })
  test("property: however the text is cut, the events are the same", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CASES),
        fc.array(fc.nat(400), { maxLength: 12 }),
        ([, family, text], cuts) => {
          const places = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b)
          const chunks = places.slice(1).map((end, i) => text.slice(places[i], end))
          expect(parse(family, chunks)).toEqual(parse(family, [text]))
        },
      ),
      { numRuns: 1000 },
    )
  })

  const fragments = [
    "<tool_call>",
    "</tool_call>",
    "<think>",
    "</think>",
    "<",
    "</",
    '{"name": "get", ',
    '"arguments": ',
    "{",
    "}",
    "[",
    "]",
    '"q": ',
    '"x"',
    ",",
    " ",
    "\n",
    "[TOOL_CALLS]",
    "[ARGS]",
    "get",
    "<｜tool▁call▁begin｜>",
    "<｜tool▁sep｜>",
    "<｜tool▁call▁end｜>",
    "<|channel|>",
    "<|message|>",
    "<|end|>",
    "analysis",
    " to=functions.get",
    "1.5",
    "tru",
    "é😀",
  ]
  const anything = fc.array(fc.oneof(fc.constantFrom(...fragments), fc.string({ maxLength: 3 })), {
    maxLength: 16,
  })
  const families = Object.keys(TEMPLATES) as Family[]

  test("property: any text at all, cut anywhere, gives the same well-formed events", () => {
    fc.assert(
      fc.property(fc.constantFrom(...families), anything, (family, parts) => {
        const whole = parse(family, [parts.join("")])
        expect(parse(family, parts)).toEqual(whole)
        expect(parse(family, [...parts.join("")])).toEqual(whole)
        let open: string | undefined
        for (const piece of whole) {
          if (piece.type === "tool-call-start") {
            expect(open).toBeUndefined()
            open = piece.callId
          } else if (piece.type === "tool-call-delta") expect(piece.callId).toBe(open)
          else {
            expect(open).toBe(piece.type === "tool-call-end" ? piece.callId : undefined)
            open = undefined
          }
        }
        expect(open).toBeUndefined()
      }),
      { numRuns: 2000 },
    )
  })

  test("property: well-formed arguments come out as they went in, whatever they hold", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(3), (args, spaces) => {
        const text = JSON.stringify(args, undefined, spaces)
        expect(
          brief(parse("hermes", [`<tool_call>{"name": "get", "arguments": ${text}}</tool_call>`])),
        ).toEqual([`get(${text})`])
      }),
    )
  })

  test("property: without tools, nothing is lost and nothing is a call", () => {
    fc.assert(
      fc.property(anything, (parts) => {
        expect(brief(parse("none", parts, { tools: [] })).join("")).toBe(parts.join(""))
      }),
    )
  })
})

describe("streaming", () => {
  test("arguments come while they are written", () => {
    const parser = createOutputParser({
      template: TEMPLATES.hermes,
      tools: TOOLS,
      promptTail: "",
      createCallId: () => "c",
    })
    expect(parser.push('<tool_call>\n{"name": "get", "arg')).toEqual([])
    expect(parser.push('uments": {"q": "ab')).toEqual([
      { type: "tool-call-start", callId: "c", name: "get" },
      { type: "tool-call-delta", callId: "c", arguments: '{"q": "ab' },
    ])
    expect(parser.push("cd")).toEqual([{ type: "tool-call-delta", callId: "c", arguments: "cd" }])
    expect(parser.push('"}')).toEqual([
      { type: "tool-call-delta", callId: "c", arguments: '"}' },
      { type: "tool-call-end", callId: "c" },
    ])
  })

  test("text is held back only while it may be a mark", () => {
    const parser = createOutputParser({ template: TEMPLATES.hermes, tools: TOOLS, promptTail: "" })
    expect(parser.push("a<tool")).toEqual([{ type: "text-delta", text: "a" }])
    expect(parser.push("s>")).toEqual([{ type: "text-delta", text: "<tools>" }])
  })
})

describe("reasoning", () => {
  test("that the prompt has opened needs no tag", () => {
    expect(
      brief(parse("hermes", ["hm\n</think>\n\nYes"], { promptTail: "<|im_start|>assistant\n<think>\n" })),
    ).toEqual(["~hm", "Yes"])
  })
  test("that the prompt has closed is over", () => {
    expect(brief(parse("hermes", ["Yes"], { promptTail: "<think>\n\n</think>\n\n" }))).toEqual(["Yes"])
  })
})

describe("markers", () => {
  test("are the marks that the child must keep", () => {
    const markers = (family: Family): readonly string[] =>
      createOutputParser({ template: TEMPLATES[family], tools: TOOLS, promptTail: "" }).markers
    expect(markers("hermes")).toEqual(
      expect.arrayContaining(["<tool_call>", "</tool_call>", "<think>", "</think>"]),
    )
    expect(markers("mistral-args")).toEqual(expect.arrayContaining(["[TOOL_CALLS]", "[ARGS]"]))
    expect(markers("deepseek")).toEqual(
      expect.arrayContaining([
        "<｜tool▁calls▁begin｜>",
        "<｜tool▁call▁begin｜>",
        "<｜tool▁sep｜>",
        "<｜tool▁call▁end｜>",
        "<｜tool▁calls▁end｜>",
      ]),
    )
    expect(markers("gpt-oss")).toEqual(
      expect.arrayContaining(["<|channel|>", "<|message|>", "<|end|>", "<|call|>"]),
    )
    expect(markers("none")).not.toContain("")
  })
})

test("call ids are nine letters and digits, each another", () => {
  const parser = createOutputParser({ template: TEMPLATES.hermes, tools: TOOLS, promptTail: "" })
  const call = '<tool_call>{"name": "get", "arguments": {}}</tool_call>'
  const ids = parser
    .push(call + call)
    .flatMap((piece) => (piece.type === "tool-call-start" ? [piece.callId] : []))
  expect(new Set(ids).size).toBe(2)
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9]{9}$/)
})
