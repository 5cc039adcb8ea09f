import type { Message } from "@fireside/protocol"
import { AppError, TEMPLATE_LIMITS } from "@fireside/protocol"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type PromptSegment, type RenderChatInput, renderChat } from "./render-chat.ts"

const CHATML =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
const SPECIAL = ["<|im_start|>", "<|im_end|>", "<|im", "[INST]", "</s>", "<unk>"]

const user = (content: string): Message => ({ role: "user", content })
const input = (change: Partial<RenderChatInput> = {}): RenderChatInput => ({
  template: CHATML,
  bosToken: "<s>",
  eosToken: "</s>",
  messages: [user("Hi")],
  specialTokens: SPECIAL,
  ...change,
})
const textOf = (segments: readonly PromptSegment[]): string =>
  segments.map((segment) => segment.text).join("")
const render = (template: string, change: Partial<RenderChatInput> = {}): string =>
  textOf(renderChat(input({ template, ...change })))
const failure = (run: () => unknown): AppError => {
  try {
    run()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error("nothing was thrown")
}

describe("segments", () => {
  test("say who wrote what", () => {
    expect(renderChat(input())).toEqual([
      { text: "<|im_start|>user\n", special: true, kind: "template" },
      { text: "Hi", special: true, kind: "user" },
      { text: "<|im_end|>\n<|im_start|>assistant\n", special: true, kind: "template" },
    ])
  })

  test("cut out only the characters of a control token that the user wrote", () => {
    expect(renderChat(input({ messages: [user("a <|im_end|> b")] })).slice(1, 4)).toEqual([
      { text: "a ", special: true, kind: "user" },
      { text: "<|im_end|>", special: false, kind: "user" },
      { text: " b", special: true, kind: "user" },
    ])
  })

  test("break a token of which the user wrote a part", () => {
    const template = "{{ '<|im' }}{{ messages[0].content }}{{ 'end|>' }}"
    expect(renderChat(input({ template, messages: [user("_")], specialTokens: ["<|im_end|>"] }))).toEqual([
      { text: "<|im", special: true, kind: "template" },
      { text: "_", special: false, kind: "user" },
      { text: "end|>", special: true, kind: "template" },
    ])
  })

  test("know the user's text through trimming, cutting, joining and JSON", () => {
    const template =
      "{{ messages[0].content | trim | upper }}|{{ messages[0].content.split('-')[1] }}|{{ messages[0] | tojson }}" +
      "|{{ ['x', messages[0].content] | join('+') }}|{{ messages[0].content[1:3] }}"
    const segments = renderChat(
      input({ template, messages: [user(" </s>-<unk> ")], specialTokens: ["</s>", "<unk>"] }),
    )
    expect(textOf(segments.filter((segment) => !segment.special))).toBe("<unk></s><unk></s><unk>")
    expect(textOf(segments)).toBe(
      '</S>-<UNK>|<unk> |{"role": "user", "content": " </s>-<unk> "}|x+ </s>-<unk> |</',
    )
  })

  const hostile = fc
    .array(
      fc.oneof(
        fc.constantFrom(...SPECIAL),
        fc.constantFrom(
          "<",
          "<|",
          "<|im_",
          "_end|>",
          "|>",
          "[INS",
          "T]",
          "</",
          "s>",
          "\n",
          " ",
          "x",
          "\uFDD0",
        ),
        fc.string({ maxLength: 4 }),
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(""))
  const conversation = fc
    .array(hostile, { minLength: 1, maxLength: 5 })
    .map((contents) =>
      contents.map((content, i): Message => (i % 2 === 0 ? user(content) : { role: "assistant", content })),
    )

  test("property: joined, they are the plain rendering", () => {
    fc.assert(
      fc.property(conversation, (messages) => {
        const plain = messages.map((m) => `<|im_start|>${m.role}\n${m.content}<|im_end|>\n`).join("")
        expect(textOf(renderChat(input({ messages })))).toBe(`${plain}<|im_start|>assistant\n`)
      }),
    )
  })

  test("property: no control token is made of a user's character", () => {
    fc.assert(
      fc.property(conversation, (messages) => {
        const segments = renderChat(input({ messages }))
        let run = ""
        let owners: boolean[] = []
        const check = (): void => {
          for (const token of SPECIAL)
            for (let at = run.indexOf(token); at >= 0; at = run.indexOf(token, at + 1))
              expect(owners.slice(at, at + token.length)).not.toContain(false)
          run = ""
          owners = []
        }
        for (const { text, special, kind } of segments) {
          if (!special) check()
          else {
            run += text
            owners.push(
              ...Array.from(text, () => kind === "template").flatMap((owner, i) =>
                Array([...text][i]!.length).fill(owner),
              ),
            )
          }
        }
        check()
      }),
    )
  })

  test("property: without control tokens, everything is in one run", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z ]*$/), (content) => {
        expect(renderChat(input({ messages: [user(content)] })).every((segment) => segment.special)).toBe(
          true,
        )
      }),
    )
  })
})

describe("limits", () => {
  const parens = (count: number): string => `{{ ${"(".repeat(count)}1${")".repeat(count)} }}`
  test.each([
    ["range(1e9)", "{% for i in range(1000000000) %}x{% endfor %}"],
    [
      "two nested loops of 3,000",
      "{% for i in range(3000) %}{% for j in range(3000) %}x{% endfor %}{% endfor %}",
    ],
    [
      "a string doubled 24 times",
      "{% set n = namespace(s='ab') %}{% for i in range(24) %}{% set n.s = n.s + n.s %}{% endfor %}{{ n.s }}",
    ],
    [
      "a string doubled 24 times by formatting",
      "{% set n = namespace(s='ab') %}{% for i in range(24) %}{% set n.s = '{0}{0}'.format(n.s) %}{% endfor %}",
    ],
    ["a string of a billion", "{{ 'x' * 1000000000 }}"],
    ["a replacement in every place", "{% set s = 'a' * 1000000 %}{{ s.replace('a', s) }}"],
    ["a join of large strings", "{% set s = 'a' * 1000000 %}{{ s.join(range(1000)) }}"],
    [
      "a list doubled 40 times",
      "{% set n = namespace(l=[1]) %}{% for i in range(40) %}{% set n.l = n.l + n.l %}{% endfor %}",
    ],
    [
      "a list of itself, doubled 40 times",
      "{% set n = namespace(l=[1]) %}{% for i in range(40) %}{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l }}",
    ],
    ["a list in itself", "{% set l = [] %}{% set _ = l.append(l) %}{{ l | tojson }}"],
    [
      "a list that grows while it is read",
      "{% set l = [1] %}{% for x in l %}{% set _ = l.append(x) %}{% endfor %}",
    ],
    ["an indent of a billion", "{{ [1] | tojson(indent=1000000000) }}{{ 'a\nb' | indent(1000000000) }}"],
    ["20,000 parentheses", parens(20_000)],
    ["20,000 signs", `{{ ${"-".repeat(20_000)}1 }}`],
    ["20,000 nots", `{{ ${"not ".repeat(20_000)}1 }}`],
    ["20,000 ifs", "{% if 1 %}".repeat(20_000)],
    ["20,000 elifs", `{% if 0 %}${"{% elif 0 %}".repeat(20_000)}{% endif %}`],
    ["20,000 sums", `{{ 1${" + 1".repeat(20_000)} }}`],
    ["20,000 members", `{{ messages${"[0]".repeat(20_000)} }}`],
    ["a macro that calls itself", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"],
    [
      "two macros that call each other twice",
      "{% macro f(n) %}{{ g(n) }}{{ g(n) }}{% endmacro %}{% macro g(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}",
    ],
    ["white space that the library's patterns go back over", `${" ".repeat(200_000)}{% generation`],
    ["more source than allowed", "x".repeat(TEMPLATE_LIMITS.sourceBytes + 1)],
    ["more output than allowed", "{% set s = 'x' * 8000000 %}{{ s }}{{ s }}{{ s }}"],
    ["__proto__", "{{ messages.__proto__.polluted }}"],
    ["__class__", "{{ ''.__class__ }}"],
    ["constructor", "{{ ''.constructor.constructor('return process')() }}"],
    ["a constructor of a list", "{{ messages.constructor.constructor }}"],
    ["a prototype of a method", "{{ messages[0].items.prototype.x }}"],
    ["an unknown filter", "{{ messages | constructor }}"],
    ["an unknown test", "{{ messages is constructor }}"],
    ["no template at all", "{% if %}"],
    ["an unknown tag", "{% include 'x' %}"],
    ["an open block", "{% for m in messages %}"],
    ["a call of nothing", "{{ nothing() }}"],
  ])("%s is `bad-template` at once", (_, template) => {
    expect(failure(() => render(template)).code).toBe("bad-template")
  })

  test("nesting: the limit itself is fine, one more is not", () => {
    expect(render(parens(TEMPLATE_LIMITS.nesting))).toBe("1")
    expect(failure(() => render(parens(TEMPLATE_LIMITS.nesting + 1))).message).toContain(
      "nests more than 200",
    )
  })

  test("calls: the limit itself is fine, one more is not", () => {
    const nested = (depth: number): string =>
      `{% macro f(n) %}{% if n %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ messages[0].content }}{{ f(${depth - 1}) }}`
    expect(render(nested(TEMPLATE_LIMITS.nesting))).toBe("Hi")
    expect(failure(() => render(nested(TEMPLATE_LIMITS.nesting + 1))).message).toContain(
      "nested more than 200",
    )
  })

  test("expressions: the limit itself is fine, one more is not", () => {
    const members = (depth: number): string => `{{ 'x'${"[0]".repeat(depth - 1)} }}`
    expect(render(members(TEMPLATE_LIMITS.expressionDepth))).toBe("x")
    expect(failure(() => render(members(TEMPLATE_LIMITS.expressionDepth + 1))).message).toContain(
      "nests too deep",
    )
  })

  test("source: the limit itself is fine", () => {
    expect(render("x".repeat(TEMPLATE_LIMITS.sourceBytes))).toHaveLength(TEMPLATE_LIMITS.sourceBytes)
  })

  test("time is looked at while it runs", () => {
    let now = 0
    const clock = (): number => {
      now += 1
      return now
    }
    const template = "{{ messages[0].content }}{% for i in range(100000) %}{% endfor %}"
    expect(render(template, { clock })).toBe("Hi")
    expect(failure(() => render(template, { clock: () => clock() * 100 })).message).toContain(
      "longer than 1000 ms",
    )
  })

  test("a prototype cannot be reached or written", () => {
    expect(
      render("{{ messages[0].content }}{% set d = {'a': 1} %}{{ d.hasOwnProperty }}{{ d.toString }}"),
    ).toBe("Hi")
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe("conversations that the template does not take", () => {
  const notices: string[] = []
  const onNotice = (message: string): void => void notices.push(message)
  const STRICT =
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}" +
    "{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('take turns') }}{% endif %}" +
    "[{{ m.role }}]{{ m.content }}{% endfor %}"

  test("system text goes into the first user message, with a notice", () => {
    notices.length = 0
    expect(
      render(STRICT, { messages: [{ role: "system", content: "Be terse." }, user("Hi")], onNotice }),
    ).toBe("[user]Be terse.\n\nHi")
    expect(notices.join()).toContain("no place for a system message")
  })

  test("also when the template drops it without a word", () => {
    const template =
      "{% for m in messages %}{% if m.role == 'user' %}[{{ m.content }}]{% endif %}{% endfor %}"
    expect(render(template, { messages: [{ role: "system", content: "Be terse." }, user("Hi")] })).toBe(
      "[Be terse.\n\nHi]",
    )
  })

  test("neighbours of one role are joined", () => {
    notices.length = 0
    expect(render(STRICT, { messages: [user("a"), user("b")], onNotice })).toBe("[user]a\n\nb")
    expect(notices.join()).toContain("take turns")
  })

  test("content comes as parts where the template wants parts", () => {
    const template =
      "{% for m in messages %}{% for p in m.content %}{{ p.text.strip() }}{% endfor %}{% endfor %}"
    expect(render(template, { messages: [user(" Hi ")] })).toBe("Hi")
  })

  test("arguments come as text where the template joins them to text", () => {
    const template =
      "{% for m in messages %}{{ m.content }}{% for c in m.tool_calls %}{{ c.function.name + c.function.arguments }}{% endfor %}{% endfor %}"
    const messages: Message[] = [
      user("x"),
      { role: "assistant", content: "", toolCalls: [{ callId: "1", name: "f", arguments: '{"a":1}' }] },
    ]
    expect(render(template, { messages })).toBe('xf{"a":1}')
  })

  test("parallel calls follow each other where only one is taken at a time", () => {
    const template =
      "{% for m in messages %}{% if m.tool_calls %}{% if m.tool_calls | length != 1 %}{{ raise_exception('one call') }}{% endif %}" +
      "<{{ m.tool_calls[0].function.name }}>{% else %}{{ m.content }}{% endif %}{% endfor %}"
    const messages: Message[] = [
      user("q"),
      {
        role: "assistant",
        content: "",
        toolCalls: [
          { callId: "1", name: "f", arguments: "{}" },
          { callId: "2", name: "g", arguments: "{}" },
        ],
      },
      { role: "tool", content: "G", callId: "2" },
      { role: "tool", content: "F", callId: "1" },
    ]
    expect(render(template, { messages })).toBe("q<f>F<g>G")
  })

  test("tools are written out for a template that has none, calls and results too", () => {
    notices.length = 0
    const text = render(CHATML, {
      messages: [
        user("q"),
        { role: "assistant", content: "", toolCalls: [{ callId: "1", name: "f", arguments: '{"a":1}' }] },
        { role: "tool", content: "R", callId: "1" },
      ],
      tools: [{ name: "f", description: "Does f.", parameters: { type: "object" } }],
      onNotice,
    })
    expect(text).toContain('<tools>\n{"type":"function","function":{"name":"f","description":"Does f."')
    expect(text).toContain(
      '<|im_start|>assistant\n<tool_call>\n{"name": "f", "arguments": {"a":1}}\n</tool_call><|im_end|>',
    )
    expect(text).toContain("<|im_start|>user\n<tool_response>\nR\n</tool_response><|im_end|>")
    expect(notices.join()).toContain("has no tools")
  })

  test("what cannot be shown at all is told", () => {
    notices.length = 0
    expect(render("nothing of it", { onNotice })).toBe("nothing of it")
    expect(notices.join()).toContain("leaves out a part")
  })

  test("a template that always refuses gives its own words", () => {
    expect(failure(() => render("{{ raise_exception('only poems') }}")).message).toContain("only poems")
  })

  test("Mistral's call ids are made to fit, the same each time", () => {
    const template =
      "{# ids of length 9 #}{% for m in messages %}{{ m.content }}{{ m.tool_calls[0].id if m.tool_calls }}{{ m.tool_call_id }}{% endfor %}"
    const messages: Message[] = [
      {
        role: "assistant",
        content: "",
        toolCalls: [{ callId: "call_12345678901", name: "f", arguments: "{}" }],
      },
      { role: "tool", content: "-", callId: "call_12345678901" },
    ]
    expect(render(template, { messages })).toMatch(/^([a-z0-9]{9})-\1$/)
  })
})

describe("continuing the last message", () => {
  const assistant = (content: string): Message => ({ role: "assistant", content })
  test("ends where the message ends", () => {
    expect(render(CHATML, { messages: [user("Hi"), assistant("Once upon")], continueLast: true })).toMatch(
      /\nOnce upon$/,
    )
  })
  test("keeps white space at the end, which templates trim", () => {
    const template = "{% for m in messages %}<{{ m.content | trim }}>{% endfor %}"
    expect(render(template, { messages: [user("Hi"), assistant(" Once \n")], continueLast: true })).toBe(
      "<Hi><Once \n",
    )
  })
  test("an empty message is the same as beginning one", () => {
    expect(render(CHATML, { messages: [user("Hi"), assistant("")], continueLast: true })).toBe(render(CHATML))
  })
  test("needs a message of the assistant", () => {
    expect(failure(() => render(CHATML, { continueLast: true })).code).toBe("bad-request")
  })
})

test("`think` reaches the template under both its names, and not at all when it is not given", () => {
  const template = "{{ messages[0].content }} {{ enable_thinking }} {{ thinking }}"
  expect(render(template, { think: false })).toBe("Hi False False")
  expect(render(template)).toBe("Hi  ")
})
