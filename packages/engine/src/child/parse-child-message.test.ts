import fc from "fast-check"
import { expect, test } from "vitest"
import { isAnswer, parseChildMessage } from "./parse-child-message.ts"

const STEP = { type: "step", deltas: [], progress: [], ends: [], streams: 0, queued: 0, threads: 2 }
const USAGE = { promptTokens: 1, cachedTokens: 0, completionTokens: 3 }

test.each([
  { type: "alive" },
  { type: "load-progress", fraction: 0.5 },
  {
    ...STEP,
    deltas: [{ requestId: 1, text: "a", logprobs: [{ token: "a", bytes: [97], logprob: -1, top: [] }] }],
  },
  {
    ...STEP,
    ends: [
      {
        requestId: 1,
        reason: "stop",
        usage: USAGE,
        prefillMs: 1,
        decodeMs: 2,
        draftedTokens: 4,
        acceptedTokens: 3,
      },
    ],
  },
  { type: "failed", requestId: -1, error: { code: "load-failed", message: "no" } },
  { type: "prompt-ready", requestId: 3, promptTokens: 4, parser: null, notices: [] },
  { type: "answer", requestId: 3, value: [1, 2] },
])("taken: %j", (message) => {
  expect(parseChildMessage(message)).toEqual(message)
})

test.each([
  null,
  7,
  [],
  {},
  { type: "unknown" },
  { type: "load-progress", fraction: 1.5 },
  { type: "load-progress", fraction: "1" },
  { ...STEP, threads: -1 },
  { ...STEP, deltas: [{ requestId: 1.5, text: "a" }] },
  { ...STEP, deltas: [{ requestId: 1, text: 5 }] },
  {
    ...STEP,
    ends: [
      {
        requestId: 1,
        reason: "done",
        usage: USAGE,
        prefillMs: 1,
        decodeMs: 2,
        draftedTokens: 4,
        acceptedTokens: 3,
      },
    ],
  },
  {
    ...STEP,
    ends: [
      {
        requestId: 1,
        reason: "stop",
        usage: {},
        prefillMs: 1,
        decodeMs: 2,
        draftedTokens: 4,
        acceptedTokens: 3,
      },
    ],
  },
  { type: "failed", requestId: 1, error: { code: "toString", message: "no" } },
  { type: "prompt-ready", requestId: 3, promptTokens: 4, parser: { template: 1 }, notices: [] },
])("refused: %j", (message) => {
  expect(parseChildMessage(message)).toBeNull()
})

test("nothing makes it throw", () => {
  fc.assert(fc.property(fc.anything(), (value) => void parseChildMessage(value)))
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.anything()),
      (fields) => void parseChildMessage({ ...fields, type: "step" }),
    ),
  )
})

test("answers are checked against their questions", () => {
  expect(isAnswer("embed", { vectors: [new Float32Array(2)], promptTokens: 3 })).toBe(true)
  expect(isAnswer("embed", { vectors: [[1, 2]], promptTokens: 3 })).toBe(false)
  expect(isAnswer("embed", { vectors: [], promptTokens: -1 })).toBe(false)
  expect(isAnswer("embed", [new Float32Array(2)])).toBe(false)
  expect(isAnswer("tokenize", [1, -1])).toBe(false)
  const rendered = { text: "", tokens: [], fromTemplate: [true], kinds: ["template"], ends: [0] }
  expect(isAnswer("render", rendered)).toBe(true)
  expect(isAnswer("render", { ...rendered, kinds: ["nobody"] })).toBe(false)
  expect(isAnswer("render", { ...rendered, ends: [-1] })).toBe(false)
  const speeds = { prefillTokensPerSecond: 1, decodeTokensPerSecond: 1, durationMs: 1 }
  expect(isAnswer("benchmark", speeds)).toBe(true)
  for (const name of Object.keys(speeds))
    expect(isAnswer("benchmark", { ...speeds, [name]: Number.NaN })).toBe(false)
})
