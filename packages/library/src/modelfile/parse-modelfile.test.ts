import {
  AppError,
  MODELFILE_LIMITS,
  REQUEST_LIMITS,
  SamplingOptions,
  TEMPLATE_LIMITS,
} from "@fireside/protocol"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { CreateRequest } from "../library.ts"
import { parseModelfile } from "./parse-modelfile.ts"
import { readInstructions, writeValue } from "./read-instructions.ts"
import { writeModelfile } from "./write-modelfile.ts"

const HEX = "ab".repeat(32)
const parse = (text: string) => parseModelfile(text, { name: "mine", folder: "/models" })
const requestOf = (text: string): CreateRequest => parse(text).request

function failure(text: string, options: { name: string; folder?: string } = { name: "mine", folder: "/m" }) {
  try {
    parseModelfile(text, options)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error(`${text} was accepted`)
}

describe("a Modelfile", () => {
  it("says what Ollama's own examples say", () => {
    const { request, notices } = parse(
      [
        "# a comment",
        "",
        "  from llama3.2",
        "PARAMETER temperature 1",
        "parameter num_ctx 4096",
        "PARAMETER num_predict 128",
        'PARAMETER stop "<|start_header_id|>"',
        "PARAMETER stop User:",
        'SYSTEM """You are Mario,',
        'from "Super Mario Bros"."""',
        "MESSAGE user Is Toronto in Canada?",
        "MESSAGE assistant yes",
        'LICENSE """',
        "Free",
        '"""',
        "ADAPTER ./lora.gguf",
        "REQUIRES 0.14.0",
      ].join("\n"),
    )
    expect(request).toEqual({
      name: "mine",
      from: "llama3.2",
      sampling: { temperature: 1 },
      contextLength: 4096,
      maxTokens: 128,
      stop: ["<|start_header_id|>", "User:"],
      system: 'You are Mario,\nfrom "Super Mario Bros".',
      messages: [
        { role: "user", content: "Is Toronto in Canada?" },
        { role: "assistant", content: "yes" },
      ],
      licences: ["\nFree\n"],
      adapters: ["/models/lora.gguf"],
    } satisfies CreateRequest)
    expect(notices).toEqual(["Line 17: REQUIRES speaks of Ollama's own program and is left aside."])
  })

  const values: readonly (readonly [string, string | undefined])[] = [
    ["SYSTEM plain text # and no comment  ", "plain text # and no comment"],
    ['SYSTEM "one line"', "one line"],
    ['SYSTEM "say "hi" twice"', 'say "hi" twice'],
    ['SYSTEM """"hi" he said"""', '"hi" he said'],
    ['SYSTEM """he said "hi""""', 'he said "hi"'],
    ['SYSTEM ""', ""],
    ['SYSTEM """"""', ""],
    ['SYSTEM "two\nlines"', "two\nlines"],
    ['SYSTEM """a\n# no comment\nFROM nobody\n"""  ', "a\n# no comment\nFROM nobody\n"],
    ["\uFEFFSYSTEM begins with a mark", "begins with a mark"],
    ['\r\nSYSTEM """a\r\nb"""\r\n', "a\nb"],
    ['\nSYSTEM """a\r\nb"""\n', "a\r\nb"],
  ]
  it.each(values)("has the value of %j", (text, system) => {
    expect(requestOf(`${text}\nFROM x`).system).toBe(system)
  })

  const sources: readonly (readonly [string, string])[] = [
    ["smollm2:135m", "smollm2:135m"],
    ["hf:owner/repo:Q4_K_M", "hf:owner/repo:Q4_K_M"],
    ["base+lora", "base+lora"],
    ["./a b/w.gguf", "/models/a b/w.gguf"],
    ["base+./lora.gguf", "base+/models/lora.gguf"],
    ["w.gguf+lora", "/models/w.gguf+lora"],
    ["weights.gguf", "/models/weights.gguf"],
    ["/abs/w.gguf", "/abs/w.gguf"],
    [`blob:sha256-${HEX}`, `blob:sha256-${HEX}`],
    [`blob:sha256:${HEX}`, `blob:sha256-${HEX}`],
  ]
  it.each(sources)("is made FROM %s", (value, from) => {
    expect(requestOf(`FROM ${value}`).from).toBe(from)
  })

  it("leaves aside what says nothing here, and tells its line", () => {
    const { request, notices } = parse(
      [
        "FROM x",
        "PARAMETER num_gpu 3",
        "PARAMETER tfs_z 1",
        "PARAMETER num_predict -1",
        "PARAMETER seed -1",
        "PARAMETER mirostat 1",
        "PARAMETER mirostat_tau 4",
        "TEMPLATE {{ .Prompt }}",
        "PARAMETER top_k 1",
        "PARAMETER top_k 2",
        "SYSTEM a",
        "SYSTEM b",
      ].join("\n"),
    )
    expect(request).toEqual({ name: "mine", from: "x", sampling: { mirostatTau: 4, topK: 2 }, system: "b" })
    expect(notices.map((notice) => Number(/^Line (\d+):/.exec(notice)?.[1]))).toEqual([
      2, 3, 4, 5, 6, 7, 8, 10, 12,
    ])
  })

  it("keeps a Jinja template", () => {
    const template = "{% for m in messages %}{{ m.content }}{% endfor %}"
    expect(requestOf(`FROM x\nTEMPLATE ${template}`).template).toBe(template)
  })

  const bad: readonly (readonly [string, number | undefined, string])[] = [
    ["SYSTEM a", undefined, "FROM"],
    ["FROM x\nFROM y", 2, "one other"],
    ["FROM", 1, "FROM …"],
    ["FROM x\nPARAMETR top_k 1", 2, "PARAMETER"],
    ["FROM x\nhello there", 2, '"""'],
    ["FROM x\nPARAMETER top_kk 1", 2, "top_k"],
    ["FROM x\nPARAMETER zzzzzzzzzz 1", 2, "temperature"],
    ["FROM x\nPARAMETER", 2, "temperature"],
    ["FROM x\nPARAMETER top_k", 2, "top_k VALUE"],
    ["FROM x\nPARAMETER temperature hot", 2, "a number from 0 to 10"],
    ["FROM x\nPARAMETER temperature 10.1", 2, "a number from 0 to 10"],
    ["FROM x\nPARAMETER top_k 1.5", 2, "a whole number from 0 to 1000000"],
    ["FROM x\nPARAMETER top_k 0x10", 2, "a whole number from 0 to 1000000"],
    ["FROM x\nPARAMETER top_p 1e309", 2, "a number from 0 to 1"],
    ["FROM x\nPARAMETER mirostat 3", 2, "0 or 2"],
    ["FROM x\nPARAMETER num_ctx 63", 2, "from 64"],
    ["FROM x\nPARAMETER num_ctx 4096.5", 2, "whole number"],
    ["FROM x\nPARAMETER num_predict -3", 2, "from -2"],
    ["FROM x\nPARAMETER logit_bias {", 2, "addends"],
    ['FROM x\nPARAMETER stop ""', 2, "stop VALUE"],
    [`FROM x\nPARAMETER stop ${"s".repeat(REQUEST_LIMITS.stopStringBytes + 1)}`, 2, "1024"],
    ['FROM x\nSYSTEM """never\nends', 2, '"""'],
    ["FROM x\nMESSAGE tool hi", 2, "system|user|assistant"],
    ["FROM x\nMESSAGE", 2, "system|user|assistant"],
    ["FROM x\nLICENSE", 2, "LICENSE …"],
    ["FROM a b", 1, "smollm2"],
    ["FROM blob:sha256-ABC", 1, "64 lower-case"],
    ["FROM x\nADAPTER https://x.org/a.gguf", 2, "file of this computer"],
    ["FROM x\n\0", 2, "UTF-8"],
  ]
  it.each(bad)("%j is refused with its line", (text, line, hint) => {
    const error = failure(text)
    expect([error.code, error.details.line]).toEqual(["bad-request", line])
    if (line !== undefined) expect(error.message).toContain(`Line ${line} of the Modelfile: `)
    expect(error.hint).toContain(hint)
  })

  it("has no paths where there is no folder", () => {
    for (const text of ["FROM ./w.gguf", "FROM /w.gguf", "FROM x+./a.gguf", "FROM x\nADAPTER a.gguf"])
      expect(failure(text, { name: "mine" }).hint).toContain("blob:sha256-")
    expect(parseModelfile(`FROM blob:sha256-${HEX}`, { name: "mine" }).request.from).toContain(HEX)
  })

  it("has bounds, each taken at n and refused at n + 1", () => {
    const lines = (count: number, line: (index: number) => string): string =>
      ["FROM x", ...Array.from({ length: count }, (_, index) => line(index))].join("\n")
    const cases: readonly (readonly [number, (count: number) => string])[] = [
      [MODELFILE_LIMITS.lines - 1, (count) => lines(count, () => "#")],
      [MODELFILE_LIMITS.adapters, (count) => lines(count, (index) => `ADAPTER ${index}.gguf`)],
      [MODELFILE_LIMITS.messages, (count) => lines(count, () => "MESSAGE user hi")],
      [REQUEST_LIMITS.stopStrings, (count) => lines(count, (index) => `PARAMETER stop s${index}`)],
      [MODELFILE_LIMITS.bytes - 14, (count) => `FROM x\nSYSTEM ${"s".repeat(count)}`],
      [TEMPLATE_LIMITS.sourceBytes, (count) => `FROM x\nTEMPLATE ${"t".repeat(count)}`],
    ]
    for (const [most, text] of cases) {
      expect(() => parse(text(most))).not.toThrow()
      expect(failure(text(most + 1)).code).toBe("bad-request")
    }
  })
})

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('"', "\n", " ", "#", "a", "\r", "é", "\\", "{", "'") }),
  fc.string({ unit: "binary" }),
)
const filled = text.filter((value) => value.trim() !== "")
const ratio = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0)

const request: fc.Arbitrary<CreateRequest> = fc.record(
  {
    name: fc.constant("mine"),
    from: fc.constantFrom("smollm2:135m", "base+lora", "/a b/w.gguf", `blob:sha256-${HEX}`),
    system: text,
    template: text.map((value) => `{% if x %}${value}`),
    sampling: fc
      .record(
        {
          temperature: fc.double({ min: 0, max: 10, noNaN: true }).map((value) => value + 0),
          topK: fc.integer({ min: 0, max: 1_000_000 }),
          minP: ratio,
          seed: fc.integer({ min: 0, max: 0xffff_ffff }),
          repeatLastN: fc.integer({ min: -1, max: 1_000_000 }),
          mirostat: fc.constantFrom(0 as const, 2 as const),
          drySequenceBreakers: fc.array(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1 }),
          logitBias: fc.dictionary(fc.stringMatching(/^\d{1,9}$/), fc.integer({ min: -100, max: 100 })),
        },
        { requiredKeys: [] },
      )
      .filter((sampling) => Object.keys(sampling).length > 0),
    stop: fc.uniqueArray(
      text.filter((value) => value !== ""),
      { minLength: 1, maxLength: 5 },
    ),
    contextLength: fc.integer({ min: 64, max: 1_000_000 }),
    maxTokens: fc.nat(),
    messages: fc.array(
      fc.record({
        role: fc.constantFrom("system" as const, "user" as const, "assistant" as const),
        content: text,
      }),
      { minLength: 1, maxLength: 3 },
    ),
    licences: fc.array(filled, { minLength: 1, maxLength: 3 }),
    adapters: fc.uniqueArray(fc.constantFrom("/m/a.gguf", `blob:sha256-${HEX}`), { minLength: 1 }),
  },
  { requiredKeys: ["name", "from"] },
)

describe("write, then parse", () => {
  it("gives the same request, or says that no Modelfile can hold it", () => {
    let written = 0
    fc.assert(
      fc.property(request, (given) => {
        let file: string
        try {
          file = writeModelfile(given)
        } catch (error) {
          expect(error).toMatchObject({ code: "unsupported" })
          return
        }
        written += 1
        const { name: _name, ...rest } = requestOf(file)
        const { name: _given, ...wanted } = given
        expect(rest).toEqual(wanted)
        // What was read is written the same way again.
        expect(writeModelfile(rest)).toBe(file)
      }),
      { numRuns: 500 },
    )
    expect(written).toBeGreaterThan(100)
  })

  it("holds every sampling parameter there is", () => {
    const sampling = SamplingOptions.parse({
      temperature: 0.5,
      temperatureRange: 1,
      temperatureExponent: 2,
      topK: 3,
      topP: 0.4,
      minP: 1e-7,
      typicalP: 0.6,
      topNSigma: -1,
      xtcProbability: 0.7,
      xtcThreshold: 0.8,
      repeatPenalty: 1.1,
      repeatLastN: -1,
      frequencyPenalty: -2,
      presencePenalty: 2,
      dryMultiplier: 1,
      dryBase: 2,
      dryAllowedLength: 3,
      dryPenaltyLastN: -1,
      drySequenceBreakers: ["\n", '"', " "],
      mirostat: 2,
      mirostatTau: 5,
      mirostatEta: 0.1,
      seed: 42,
      logitBias: { "7": -1.5 },
    })
    expect(Object.keys(sampling)).toEqual(Object.keys(SamplingOptions.shape))
    expect(requestOf(writeModelfile({ from: "x", sampling })).sampling).toEqual(sampling)
  })

  it("quotes every text that a Modelfile can hold", () => {
    expect(writeValue('a line that ends in """\nand goes on')).toBeUndefined()
    expect(writeValue("zero \0 byte")).toBeUndefined()
    expect(writeValue('"""')).toBe('"""""""""')
  })
})

describe("any text", () => {
  it("is read or refused by name", () => {
    const line = fc.tuple(
      fc.constantFrom("FROM ", "PARAMETER ", "SYSTEM ", "MESSAGE user ", "# ", "", " TEMPLATE\t", "adapter "),
      text,
    )
    fc.assert(
      fc.property(
        fc.array(
          line.map((parts) => parts.join("")),
          { maxLength: 6 },
        ),
        (lines) => {
          try {
            parse(lines.join("\n"))
          } catch (error) {
            expect(error).toMatchObject({ code: "bad-request" })
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it("of many lines is read in one pass", () => {
    const lines = Array.from({ length: 10_000 }, () => "x".repeat(200))
    const [instruction] = readInstructions(`SYSTEM """${lines.join("\n")}"""`)
    expect(instruction?.value.length).toBe(10_000 * 201 - 1)
  })
})
