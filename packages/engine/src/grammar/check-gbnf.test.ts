import { AppError, GRAMMAR_LIMITS } from "@fireside/protocol"
import { describe, expect, test } from "vitest"
import { acceptsGbnf } from "../testing.ts"
import { checkGbnf } from "./check-gbnf.ts"
import { shortestText } from "./match-gbnf.ts"

const refusal = (source: string): string => {
  try {
    checkGbnf(source)
  } catch (error) {
    if (error instanceof AppError && error.code === "bad-grammar") return error.message
    throw error
  }
  throw new Error("it was accepted")
}

describe("grammars that are fine", () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['root ::= "a"', ["a"], ["", "b", "aa"]],
    ['root ::= "a" | "b" "c"*', ["a", "b", "bccc"], ["ab", "c"]],
    ["root ::= [a-c]+ [^a-c]", ["abX", "c!"], ["a", "X"]],
    ["root ::= [-a\\]\\x41]{2,3}", ["-a", "]AA"], ["a", "b-"]],
    ["root ::= .{3}", ["a😀c"], ["ab", "abcd"]],
    ['root ::= ("a" | "b"){2} "c"?', ["ab", "bac"], ["a", "abcc"]],
    [
      'root ::= list # a comment\nlist ::= "[" (item ("," item)*)? "]"\n\nitem ::= [0-9]+\n',
      ["[]", "[1,22]"],
      ["[1,]"],
    ],
    ['root ::= (\n  "a"\n  | "b"\n)\n', ["a", "b"], ["ab"]],
    ['root ::= "(" root ")" | ""', ["", "(())"], ["(", "())"]],
    ['root ::= "\\"\\n\\t\\\\\\u00e9\\U0001F600"', ['"\n\t\\é😀'], ['"']],
    ['root ::= "a"{2,}', ["aa", "aaaa"], ["a"]],
  ])("%s", (source, accepted, refused) => {
    for (const text of accepted) expect(acceptsGbnf(source, text)).toBe(true)
    for (const text of refused) expect(acceptsGbnf(source, text)).toBe(false)
    expect(acceptsGbnf(source, shortestText(checkGbnf(source)))).toBe(true)
  })

  test("the limits themselves are fine", () => {
    const depth = GRAMMAR_LIMITS.gbnfNesting
    checkGbnf(`root ::= ${"(".repeat(depth)}"a"${")".repeat(depth)}`)
    const rules = Array.from({ length: GRAMMAR_LIMITS.gbnfRules - 1 }, (_, i) => `r${i} ::= "a"`)
    checkGbnf(["root ::= r0", ...rules].join("\n"))
    checkGbnf(`root ::= "a"{${GRAMMAR_LIMITS.gbnfRepetition}}`)
    const head = 'root ::= "a" #'
    checkGbnf(head + "x".repeat(GRAMMAR_LIMITS.gbnfBytes - head.length))
  })
})

describe("grammars that are refused", () => {
  const chain = (count: number, last: string): string =>
    Array.from(
      { length: count },
      (_, i) => `${i === 0 ? "root" : `r${i}`} ::= ${i === count - 1 ? last : `r${i + 1} | r${i + 1}`}`,
    ).join("\n")

  test.each<[string, string, RegExp]>([
    ["nothing", "", /no rule `root`/],
    ["no root", 'a ::= "x"', /no rule `root`/],
    ["an unknown rule", "root ::= a", /`a`, which it does not define/],
    ["a rule twice", 'root ::= "a"\nroot ::= "b"', /twice/],
    ["60,000 parentheses", `root ::= ${"(".repeat(30_000)}"a"${")".repeat(30_000)}`, /more than 200 levels/],
    ["one level too many", `root ::= ${"(".repeat(201)}"a"${")".repeat(201)}`, /more than 200 levels/],
    [
      "one rule too many",
      ["root ::= r0", ...Array.from({ length: 2_000 }, (_, i) => `r${i} ::= "a"`)].join("\n"),
      /more than 2000 rules/,
    ],
    ["one byte too many", `root ::= "a" #${"x".repeat(GRAMMAR_LIMITS.gbnfBytes)}`, /larger than 65536 bytes/],
    ["a repetition too large", 'root ::= "a"{1001}', /larger than 1000/],
    ["a maximum that llama.cpp would drop", 'root ::= "a"{0,100000}', /larger than 1000/],
    ["a repetition of repetitions", 'root ::= ("a"{100} "b"){100}', /repetition of repetitions/],
    ["a repetition backwards", 'root ::= "a"{3,2}', /maximum below its minimum/],
    ["a repetition of nothing", "root ::= *", /nothing to repeat/],
    ["a repetition of an empty text", 'root ::= ""*', /nothing to repeat/],
    ["a repetition without a number", 'root ::= "a"{,3}', /number is missing/],
    ["a repetition of what may be empty", 'root ::= ("a"?)*', /may be empty/],
    ["the same, hidden in a rule", 'root ::= a+\na ::= b | "x"\nb ::= "y"*', /may be empty/],
    ["left recursion", 'root ::= root "a" | "b"', /left-recursive/],
    ["left recursion in a circle", 'root ::= a\na ::= b "x"\nb ::= a | "y"', /left-recursive/],
    [
      "left recursion behind what may be empty",
      'root ::= e root | "a"\ne ::= f\nf ::= "x"?',
      /left-recursive/,
    ],
    ["left recursion in a repetition", 'root ::= (root "a")* "b"', /left-recursive/],
    ["no end", 'root ::= "a" root', /ever ends/],
    ["no end beside the root", 'root ::= "a"\nb ::= "x" b', /ever ends/],
    ["branching in every rule", chain(40, '"a"'), /branches too often/],
    ["a reference to a token", "root ::= <|im_end|>", /references to tokens/],
    ["a negated token", "root ::= !<[5]>", /references to tokens/],
    ["an open text", 'root ::= "abc', /ends inside quotes/],
    ["an open set", "root ::= [abc", /ends inside quotes/],
    ["an empty set", 'root ::= "a" []', /set of characters is empty/],
    ["an empty negated set", "root ::= [^]", /set of characters is empty/],
    ["a range backwards", "root ::= [z-a]", /ends before it starts/],
    ["an unknown escape", 'root ::= "\\q"', /not an escape/],
    ["half an escape", 'root ::= "\\x4"', /not a character/],
    ["a character that does not exist", 'root ::= "\\U00110000"', /not a character/],
    ["a zero", 'root ::= "a"\0 | "b"', /zero character/],
    ["an open group", 'root ::= ("a"', /`\)` is missing/],
    ["a closed group", 'root ::= "a")', /does not end/],
    ["no body sign", 'root = "a"', /`::=` is missing/],
    ["an underscore in a name", 'root ::= a_b\na_b ::= "x"', /does not end/],
    ["JSON", '{"type": "object"}', /name of a rule is missing/],
    ["a regular expression", "(a+)+$", /name of a rule is missing/],
    ["a broken quantifier", 'root ::= "a"{2', /`}` is missing/],
    ["foo**", 'root ::= "foo"**', /may be empty/],
  ])("%s", (_, source, message) => {
    expect(refusal(source)).toMatch(message)
  })

  test("the line and the rule are named", () => {
    expect(refusal('root ::= a\na ::= "x"\nb ::= "\\q"')).toBe(
      "The grammar is wrong in line 3: `\\q` is not an escape (at b).",
    )
  })
})
