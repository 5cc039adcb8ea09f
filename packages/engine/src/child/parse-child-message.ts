// The rim between a child and its parent: native code may have written anything into the channel.
import { ERROR_CODES, TokenKind } from "@fireside/protocol"
import type { Answers, FromChild } from "./messages.ts"

/** Null for anything that is not a message as above. Its size was bounded when its bytes were read. */
export function parseChildMessage(value: unknown): FromChild | null {
  if (!isObject(value)) return null
  const known = isWellFormed(value)
  // Every field that the parent uses was looked at by `isWellFormed`.
  return known ? (value as unknown as FromChild) : null
}

type Fields = Readonly<Record<string, unknown>>

function isWellFormed(message: Fields): boolean {
  switch (message.type) {
    case "ready":
      return (
        isString(message.version) &&
        isString(message.build) &&
        isString(message.systemInfo) &&
        isListOf(message.devices, isDevice) &&
        isListOf(message.notices, isString)
      )
    case "load-progress":
      return isNumber(message.fraction) && message.fraction >= 0 && message.fraction <= 1
    case "loaded":
      return isObject(message.facts) && hasFacts(message.facts)
    case "failed":
      return isInteger(message.requestId) && isErrorBody(message.error)
    case "prompt-ready":
      return (
        isCount(message.requestId) &&
        isCount(message.promptTokens) &&
        isListOf(message.notices, isString) &&
        (message.parser === null ||
          (isObject(message.parser) &&
            isString(message.parser.template) &&
            isString(message.parser.promptTail)))
      )
    case "step":
      return (
        isListOf(message.deltas, isDelta) &&
        isListOf(message.progress, isProgress) &&
        isListOf(message.ends, isEnd) &&
        isCount(message.streams) &&
        isCount(message.queued) &&
        isCount(message.threads)
      )
    case "answer":
      return isCount(message.requestId) && "value" in message
    case "alive":
      return true
    case "log":
      return (
        isString(message.message) &&
        isObject(message.details) &&
        Object.values(message.details).every((value) => isString(value) || isNumber(value))
      )
    default:
      return false
  }
}

/** Checks the answer to a question of this type. */
export function isAnswer<Type extends keyof Answers>(type: Type, value: unknown): value is Answers[Type] {
  switch (type) {
    case "embed":
      return (
        isObject(value) &&
        isCount(value.promptTokens) &&
        isListOf(value.vectors, (item) => item instanceof Float32Array)
      )
    case "tokenize":
    case "self-test":
      return isListOf(value, isCount)
    case "detokenize":
      return isString(value)
    case "pin":
      return isObject(value) && isCount(value.tokens) && isCount(value.bytes)
    case "keep-prefixes":
      return isCount(value)
    case "render":
      return (
        isObject(value) &&
        isString(value.text) &&
        isListOf(value.tokens, isCount) &&
        isListOf(value.fromTemplate, isBoolean) &&
        isListOf(value.kinds, isTokenKind) &&
        isListOf(value.ends, isCount)
      )
    case "score":
      return (
        isObject(value) &&
        isCount(value.kept) &&
        value.ids instanceof Int32Array &&
        value.logProbabilities instanceof Float32Array &&
        value.logProbabilities.length === value.ids.length &&
        value.ids.every(isCount)
      )
    case "kernel-speed":
      return isObject(value) && isNumber(value.prefillRowsPerSecond) && isNumber(value.decodeRowsPerSecond)
    case "benchmark":
      return (
        isObject(value) &&
        isNumber(value.prefillTokensPerSecond) &&
        isNumber(value.decodeTokensPerSecond) &&
        isNumber(value.durationMs)
      )
    default:
      return false
  }
}

function hasFacts(facts: Fields): boolean {
  const { vocabularySize, embeddingLength, trainedContextLength, sizeBytes, loadMs } = facts
  return (
    [vocabularySize, embeddingLength, trainedContextLength, sizeBytes].every(isCount) &&
    isNumber(loadMs) &&
    [facts.hasChatTemplate, facts.canInfill, facts.canEmbed].every(isBoolean)
  )
}

function isDevice(value: unknown): boolean {
  return (
    isObject(value) &&
    isString(value.name) &&
    isString(value.description) &&
    (value.kind === "cpu" || value.kind === "gpu" || value.kind === "accelerator") &&
    isCount(value.memoryBytes) &&
    isCount(value.freeMemoryBytes)
  )
}

function isErrorBody(value: unknown): boolean {
  return (
    isObject(value) &&
    isString(value.code) &&
    Object.hasOwn(ERROR_CODES, value.code) &&
    isString(value.message) &&
    (value.hint === undefined || isString(value.hint)) &&
    (value.details === undefined || isObject(value.details))
  )
}

function isDelta(value: unknown): boolean {
  return (
    isObject(value) &&
    isCount(value.requestId) &&
    isString(value.text) &&
    (value.logprobs === undefined || isListOf(value.logprobs, isTokenLogprob))
  )
}

function isTokenLogprob(value: unknown): boolean {
  return isLogprob(value) && isObject(value) && isListOf(value.top, isLogprob)
}

function isLogprob(value: unknown): boolean {
  return (
    isObject(value) &&
    isString(value.token) &&
    isListOf(value.bytes, isCount) &&
    typeof value.logprob === "number"
  )
}

function isProgress(value: unknown): boolean {
  return (
    isObject(value) && isCount(value.requestId) && isCount(value.doneTokens) && isCount(value.totalTokens)
  )
}

function isEnd(value: unknown): boolean {
  return (
    isObject(value) &&
    isCount(value.requestId) &&
    (value.reason === "stop" || value.reason === "length") &&
    (value.stopString === undefined || isString(value.stopString)) &&
    isObject(value.usage) &&
    isCount(value.usage.promptTokens) &&
    isCount(value.usage.cachedTokens) &&
    isCount(value.usage.completionTokens) &&
    isNumber(value.prefillMs) &&
    isNumber(value.decodeMs) &&
    isCount(value.draftedTokens) &&
    isCount(value.acceptedTokens)
  )
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function isListOf(value: unknown, check: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(check)
}

function isString(value: unknown): value is string {
  return typeof value === "string"
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value)
}

function isInteger(value: unknown): boolean {
  return Number.isSafeInteger(value)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isBoolean(value: unknown): boolean {
  return typeof value === "boolean"
}

function isTokenKind(value: unknown): boolean {
  return TokenKind.safeParse(value).success
}
