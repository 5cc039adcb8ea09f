import type { ToolDefinition } from "@fireside/protocol"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { createOutputParser, type OutputParserInput, type ParsedPiece } from "./output-parser.ts"

const TOOLS: readonly ToolDefinition[] = [
  {
    name: "get",
    parameters: { type: "object", properties: { q: { type: "string" }, n: { type: "integer" } } },
  },
  { name: "put", parameters: {} },
]

const TEMPLATES = {
  hermes: "{{ tools }}<tool_call></tool_call><think></think>",
  llama3: '{{ tools }}<|start_header_id|>"parameters"<|python_tag|>',
  mistral: "{{ tools }}[INST][TOOL_CALLS]",
  "mistral-args": "{{ tools }}[INST][TOOL_CALLS][ARGS]",
  deepseek: "{{ tools }}<think></think><｜tool▁call▁begin｜>```json",
  "deepseek-3.1": "{{ tools }}<think></think><｜tool▁call▁begin｜>",
  granite: "{{ tools }}<|start_of_role|><|tool_call|>",
  "command-r": "{{ tools }}<|START_ACTION|><|START_THINKING|><|END_THINKING|>",
  kimi: "{{ tools }}<|tool_calls_section_begin|>",
  "qwen-coder": "{{ tools }}<tool_call><function=",
  "gpt-oss": "<|channel|><|message|>",
  none: "<|im_start|>",
} satisfies Record<string, string>
type Family = keyof typeof TEMPLATES

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

const CASES: readonly (readonly [string, Family, string, readonly string[]])[] = [
  ["plain text", "hermes", "Hello <b> world\n", ["Hello <b> world\n"]],
  [
    "reasoning, text and two calls",
    "hermes",
    '<think>\nhm, ok\n</think>\n\nSure. \n<tool_call>\n{"name": "get", "arguments": {"q": "a\\n<b>", "n": [1, 2.5, true]}}\n</tool_call>\n<tool_call>\n{"name": "put", "arguments": {}}\n</tool_call>',
    ["~hm, ok", "Sure.", 'get({"q": "a\\n<b>", "n": [1, 2.5, true]})', "put({})"],
  ],
  [
    "text after a call",
    "hermes",
    '<tool_call>{"name": "get", "arguments": {}}</tool_call> bye',
    ["get({})", "bye"],
  ],
  [
    "arguments before the name",
    "hermes",
    '<tool_call>{"arguments": {"q": 1}, "name": "get"}</tool_call>',
    ['get({"q":1})'],
  ],
  [
    "arguments as a text",
    "hermes",
    '<tool_call>{"name": "get", "arguments": "{\\"q\\": 1}"}</tool_call>',
    ['get({"q":1})'],
  ],
  [
    "a trailing comma",
    "hermes",
    '<tool_call>{"name": "get", "arguments": {"q": "x", }}</tool_call>',
    ['get({"q": "x"})'],
  ],
  [
    "missing brackets before the tag",
    "hermes",
    '<tool_call>{"name": "get", "arguments": {"q": {"r": [1</tool_call>!',
    ['get({"q": {"r": [1]}})', "!"],
  ],
  [
    "missing brackets at the end",
    "hermes",
    '<tool_call>{"name": "get", "arguments": {"q": 1',
    ['get({"q": 1})'],
  ],
  [
    "single quotes and Python's constants",
    "hermes",
    "<tool_call>{'name': 'get', 'arguments': {'q': 'it', 'b': True, 'z': None}}</tool_call>",
    ['get({"q":"it","b":true,"z":null})'],
  ],
  [
    "single quotes in the arguments only",
    "hermes",
    `<tool_call>{"name": "get", "arguments": {'q': 'a "b"'}}</tool_call>`,
    ['get({"q": "a \\"b\\""})'],
  ],
  [
    "a raw line end in a string",
    "hermes",
    '<tool_call>{"name": "get", "arguments": {"q": "a\nb"}}</tool_call>',
    ['get({"q": "a\\nb"})'],
  ],
  [
    "a list's end forgotten",
    "hermes",
    '<tool_call>{"name": "get", "arguments": {"q": [1, 2}}</tool_call>',
    ['get({"q": [1, 2]})'],
  ],
  [
    "what is no call stays text, whole",
    "hermes",
    "a <tool_call>garbage {</tool_call> b",
    ["a <tool_call>garbage {</tool_call> b"],
  ],
  [
    "a call without a name stays text",
    "hermes",
    '<tool_call>{"arguments": {}}</tool_call>',
    ['<tool_call>{"arguments": {}}</tool_call>'],
  ],
  ["an open tag stays text", "hermes", "so <tool_call> is a tag", ["so <tool_call> is a tag"]],
  [
    "broken arguments are passed on as they are",
    "hermes",
    '<tool_call>{"name": "get", "arguments": {"q": foo bar}}</tool_call> b',
    ['get({"q": foo bar}})', "b"],
  ],
  [
    "a string cut by the end is passed on as it is",
    "hermes",
    '<tool_call>{"name": "get", "arguments": {"q": "unfin',
    ['get({"q": "unfin)'],
  ],
  [
    "a bare object at the start, of a tool that exists",
    "hermes",
    '{"name": "get", "arguments": {"q": 1}}',
    ['get({"q": 1})'],
  ],
  [
    "a bare object of no tool",
    "hermes",
    ' {"name": "got", "arguments": {"q": 1}}',
    [' {"name": "got", "arguments": {"q": 1}}'],
  ],
  ["a bare object that is an answer", "hermes", '{"answer": 1}', ['{"answer": 1}']],
  [
    "a bare object behind text",
    "hermes",
    'Look: {"name": "get", "arguments": {}}',
    ['Look: {"name": "get", "arguments": {}}'],
  ],
  ["a think tag behind text is text", "hermes", "I use <think> tags", ["I use <think> tags"]],
  ["reasoning without an end", "hermes", "<think>\nand then", ["~and then"]],
  ["empty reasoning", "hermes", "<think>\n\n</think>\n\nYes", ["Yes"]],
  ["Llama 3's bare object", "llama3", '{"name": "get", "parameters": {"q": "x"}}', ['get({"q": "x"})']],
  [
    "Llama 3, two",
    "llama3",
    '{"name": "get", "parameters": {}}; {"name": "put", "parameters": {}}',
    ["get({})", "put({})"],
  ],
  ["Llama 3's tag", "llama3", '<|python_tag|>{"name": "get", "parameters": {"q": "x"}}', ['get({"q": "x"})']],
  ["Llama 3's tag before code", "llama3", '<|python_tag|>get.call(q="x")', ['<|python_tag|>get.call(q="x")']],
  [
    "Mistral's list",
    "mistral",
    '[TOOL_CALLS][{"name": "get", "arguments": {"q": "]"}, "id": "123456789"}, {"name": "put", "arguments": {}}]',
    ['get({"q": "]"})', "put({})"],
  ],
  [
    "Mistral's list, single quotes",
    "mistral",
    "[TOOL_CALLS] [{'name': 'get', 'arguments': {}}]",
    ["get({})"],
  ],
  ["Mistral's mark alone", "mistral", "[TOOL_CALLS] soon", ["[TOOL_CALLS] soon"]],
  [
    "newer Mistral",
    "mistral-args",
    'ok[TOOL_CALLS]get[ARGS]{"q": "x"}[TOOL_CALLS]put[CALL_ID]abcdefghi[ARGS]{}',
    ["ok", 'get({"q": "x"})', "put({})"],
  ],
  [
    "DeepSeek",
    "deepseek",
    '<think>x</think>ok<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get\n```json\n{"q":"x"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>put\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    ["~x", "ok", 'get({"q":"x"})', "put({})"],
  ],
  [
    "DeepSeek 3.1",
    "deepseek-3.1",
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get<｜tool▁sep｜>{"q":"x"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    ['get({"q":"x"})'],
  ],
  [
    "DeepSeek without arguments",
    "deepseek-3.1",
    "<｜tool▁call▁begin｜>get<｜tool▁call▁end｜>",
    ["<｜tool▁call▁begin｜>get<｜tool▁call▁end｜>"],
  ],
  ["Granite", "granite", '<|tool_call|>[{"name": "get", "arguments": {"q": "x"}}]', ['get({"q": "x"})']],
  [
    "Command R",
    "command-r",
    '<|START_THINKING|>hm<|END_THINKING|><|START_ACTION|>[\n {"tool_call_id": "0", "tool_name": "get", "parameters": {"q": "x"}}\n]<|END_ACTION|>',
    ["~hm", 'get({"q": "x"})'],
  ],
  [
    "Kimi",
    "kimi",
    '<|tool_calls_section_begin|><|tool_call_begin|>functions.get:0<|tool_call_argument_begin|>{"q":"x"}<|tool_call_end|><|tool_calls_section_end|>',
    ['get({"q":"x"})'],
  ],
  [
    "Qwen Coder",
    "qwen-coder",
    "<tool_call>\n<function=get>\n<parameter=q>\n12\n</parameter>\n<parameter=n>\n12\n</parameter>\n</function>\n</tool_call>",
    ['get({"q":"12","n":12})'],
  ],
  ["a function tag alone", "qwen-coder", '<function=get>{"q": 1}</function>', ['get({"q":1})']],
  [
    "GLM",
    "hermes",
    "<tool_call>get\n<arg_key>q</arg_key>\n<arg_value>x y</arg_value>\n<arg_key>n</arg_key>\n<arg_value>3</arg_value>\n</tool_call>",
    ['get({"q":"x y","n":3})'],
  ],
  [
    "gpt-oss, a call",
    "gpt-oss",
    '<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary to=functions.get <|constrain|>json<|message|>{"q":"x"}<|call|>',
    ["~hm", 'get({"q":"x"})'],
  ],
  [
    "gpt-oss, the recipient first",
    "gpt-oss",
    '<|start|>assistant to=functions.get<|channel|>commentary json<|message|>{"q":"x"}<|call|>',
    ['get({"q":"x"})'],
  ],
  [
    "gpt-oss, an answer",
    "gpt-oss",
    "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Hello",
    ["~hm", "Hello"],
  ],
  ["a model that knows no reasoning", "none", "<think>x</think>", ["<think>x</think>"]],
]

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
