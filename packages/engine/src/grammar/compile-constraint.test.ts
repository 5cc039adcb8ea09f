import { readFileSync } from "node:fs"
import { AppError, type ToolDefinition } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { createOutputParser } from "../parse/output-parser.ts"
import { acceptsGbnf } from "../testing.ts"
import { checkGbnf } from "./check-gbnf.ts"
import { type ConstraintInput, compileConstraint } from "./compile-constraint.ts"
import { GENERATED_GBNF_LIMITS } from "./gbnf-builder.ts"
import { shortestText } from "./match-gbnf.ts"

const TOOLS: readonly ToolDefinition[] = [
  { name: "get", parameters: { type: "object", properties: { q: { type: "string" } }, required: ["q"] } },
  { name: "put-it", parameters: { properties: { n: { type: "integer" } } } },
]
const HERMES = "<|im_start|>{{ tools }}<tool_call>"
const THINKER = `${HERMES}<think></think>`

const compile = (change: Partial<ConstraintInput>): string => {
  const constraint = compileConstraint({ template: HERMES, promptTail: "<|im_start|>assistant\n", ...change })
  if (constraint === null) throw new Error("nothing was demanded")
  return constraint.gbnf
}
const code = (change: Partial<ConstraintInput>): string => {
  try {
    compile(change)
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
  throw new Error("it was accepted")
}
const call = (name: string, args: string): string =>
  `<tool_call>\n{"name": "${name}", "arguments": ${args}}\n</tool_call>`

describe("nothing is demanded", () => {
  test.each<[string, Partial<ConstraintInput>]>([
    ["by nothing", {}],
    ["by text", { format: { type: "text" } }],
    ["by tools that may be called", { tools: TOOLS, toolChoice: "auto" }],
    ["by tools that may not", { tools: TOOLS, toolChoice: "none" }],
  ])("%s", (_, change) => {
    expect(compileConstraint({ template: HERMES, promptTail: "", ...change })).toBeNull()
  })
})

describe("formats", () => {
  test("any JSON object", () => {
    const gbnf = compile({ format: { type: "json" } })
    expect(acceptsGbnf(gbnf, '{"a": [1, {"b": null}]}')).toBe(true)
    expect(acceptsGbnf(gbnf, "[1]")).toBe(false)
  })
  test("a schema, beside tools that may be called", () => {
    const gbnf = compile({
      format: { type: "json-schema", schema: { enum: ["x"] } },
      tools: TOOLS,
      toolChoice: "auto",
    })
    expect(acceptsGbnf(gbnf, '"x"')).toBe(true)
    expect(acceptsGbnf(gbnf, '"y"')).toBe(false)
  })
  test("a grammar of the user's own is taken as it is", () => {
    expect(compile({ format: { type: "gbnf", grammar: 'root ::= "a"' }, template: THINKER })).toBe(
      'root ::= "a"',
    )
    expect(code({ format: { type: "gbnf", grammar: "root ::= b" } })).toBe("bad-grammar")
  })
  test("gpt-oss answers in its last channel", () => {
    const gbnf = compile({ format: { type: "json" }, template: "<|channel|><|message|>" })
    expect(acceptsGbnf(gbnf, "<|channel|>final<|message|>{}")).toBe(true)
    expect(
      acceptsGbnf(
        gbnf,
        "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>{}",
      ),
    ).toBe(true)
    expect(acceptsGbnf(gbnf, "{}")).toBe(false)
  })
})

describe("reasoning before the answer", () => {
  const format = { type: "json-schema", schema: { const: 1 } } as const
  test("is free where the template has it", () => {
    const gbnf = compile({ format, template: THINKER })
    for (const text of ["1", "<think>a < b </thin </think>\n\n1", "<think></think>1"])
      expect(acceptsGbnf(gbnf, text)).toBe(true)
    for (const text of ["<think>1", "<think></think></think>1", "x</think>1"])
      expect(acceptsGbnf(gbnf, text)).toBe(false)
  })
  test("must be finished when the prompt has opened it", () => {
    const gbnf = compile({ format, template: THINKER, promptTail: "<think>\n" })
    expect(acceptsGbnf(gbnf, "hm\n</think>\n1")).toBe(true)
    expect(acceptsGbnf(gbnf, "1")).toBe(false)
  })
  test("is over when the prompt has closed it, or the template has none", () => {
    expect(
      acceptsGbnf(
        compile({ format, template: THINKER, promptTail: "<think>\n\n</think>\n\n" }),
        "<think></think>1",
      ),
    ).toBe(false)
    expect(acceptsGbnf(compile({ format }), "<think></think>1")).toBe(false)
  })
})

describe("demanded tools", () => {
  test("any of them, with arguments that fit", () => {
    const gbnf = compile({ tools: TOOLS, toolChoice: "required" })
    expect(acceptsGbnf(gbnf, call("get", '{"q": "x"}'))).toBe(true)
    expect(acceptsGbnf(gbnf, call("put-it", '{"n":1}'))).toBe(true)
    expect(acceptsGbnf(gbnf, call("put-it", "{}"))).toBe(true)
    for (const other of [
      call("get", "{}"),
      call("get", "[]"),
      call("put-it", "1"),
      call("other", "{}"),
      "",
      "text",
      `${call("put-it", "{}")}\n${call("put-it", "{}")}`,
    ])
      expect(acceptsGbnf(gbnf, other)).toBe(false)
  })
  test("one of a name", () => {
    const gbnf = compile({ tools: TOOLS, toolChoice: { type: "tool", name: "put-it" } })
    expect(acceptsGbnf(gbnf, call("put-it", "{}"))).toBe(true)
    expect(acceptsGbnf(gbnf, call("get", '{"q": "x"}'))).toBe(false)
  })
  test("several, where that is asked for", () => {
    const gbnf = compile({ tools: TOOLS, toolChoice: "required", parallelToolCalls: true })
    const one = call("put-it", "{}")
    expect(acceptsGbnf(gbnf, `${one}\n${one}`)).toBe(true)
    expect(acceptsGbnf(gbnf, Array(9).fill(one).join("\n"))).toBe(false)
  })
  test("that are not there are a bad request", () => {
    expect(code({ toolChoice: "required" })).toBe("bad-request")
    expect(code({ tools: TOOLS, toolChoice: { type: "tool", name: "none" } })).toBe("bad-request")
  })
  test("whose schema cannot be enforced are refused by name", () => {
    const tools = [{ name: "odd", parameters: { type: "object", properties: { a: { not: {} } } } }]
    expect(() => compile({ tools, toolChoice: "required" })).toThrow(/`odd`.*`not`.*\/properties\/a\/not/)
    expect(compileConstraint({ template: HERMES, promptTail: "", tools, toolChoice: "auto" })).toBeNull()
  })
  test("win over a format", () => {
    const gbnf = compile({ tools: TOOLS, toolChoice: "required", format: { type: "json" } })
    expect(acceptsGbnf(gbnf, "{}")).toBe(false)
  })

  const fixture = (family: string): string =>
    readFileSync(new URL(`../template/fixtures/${family}/template.jinja`, import.meta.url), "utf8")
  test.each<[string, string]>([
    ...["chatml", "llama3", "gemma", "mistral", "qwen", "deepseek", "phi"].map((family): [string, string] => [
      family,
      fixture(family),
    ]),
    ["newer mistral", "{{ tools }}[INST][TOOL_CALLS][ARGS]"],
    ["deepseek r1", "{{ tools }}<｜tool▁call▁begin｜>```json"],
    ["deepseek 3.1", "{{ tools }}<｜tool▁call▁begin｜>"],
    ["granite", "{{ tools }}<|start_of_role|><|tool_call|>"],
    ["command-r", "{{ tools }}<|START_ACTION|>"],
    ["kimi", "{{ tools }}<|tool_calls_section_begin|>"],
    ["gpt-oss", "<|channel|><|message|>"],
  ])("what the grammar of %s demands, its parser reads", (_, template) => {
    for (const parallelToolCalls of [false, true]) {
      const gbnf = compile({ template, tools: TOOLS.slice(0, 1), toolChoice: "required", parallelToolCalls })
      const parser = createOutputParser({ template, tools: TOOLS, promptTail: "", createCallId: () => "c" })
      const text = shortestText(checkGbnf(gbnf, GENERATED_GBNF_LIMITS))
      expect([...parser.push(text), ...parser.end()]).toEqual([
        { type: "tool-call-start", callId: "c", name: "get" },
        { type: "tool-call-delta", callId: "c", arguments: '{"q":""}' },
        { type: "tool-call-end", callId: "c" },
      ])
    }
  })
})
