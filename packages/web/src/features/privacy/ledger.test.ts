import type { LedgerEntry } from "@fireside/protocol"
import fc from "fast-check"
import i18next from "i18next"
import { beforeAll, describe, expect, test } from "vitest"
import texts from "../../locales/en/privacy.json" with { type: "json" }
import { ledgerDays } from "./ledger-days.ts"
import { carriedBy, ledgerPurpose } from "./ledger-purpose.ts"
import { ledgerSentences, type SentenceOptions, summariseLedger } from "./ledger-summary.ts"

/** A Thursday, in the afternoon where the reader is. */
const NOW = new Date(2026, 2, 19, 15).getTime()
const daysAgo = (days: number, hour = 12): string => new Date(2026, 2, 19 - days, hour).toISOString()

let seq = 0
const entry = (rest: Partial<LedgerEntry> = {}): LedgerEntry => {
  seq += 1
  return {
    seq,
    at: daysAgo(0),
    reason: "download smollm2:135m",
    feature: "pull",
    host: "models.example",
    address: "192.0.2.1",
    port: 443,
    bytesOut: 100,
    bytesIn: 1_000,
    contentClass: "model-id",
    verdict: "sent",
    hash: "",
    previousHash: "",
    ...rest,
  }
}

let options: SentenceOptions
beforeAll(async () => {
  const i18n = i18next.createInstance()
  await i18n.init({
    lng: "en",
    resources: { en: { privacy: texts } },
    interpolation: { escapeValue: false },
  })
  options = { t: i18n.getFixedT("en", "privacy"), locale: "en", now: NOW }
})
const say = (...entries: readonly LedgerEntry[]): string =>
  ledgerSentences(summariseLedger(entries, NOW), options).join(" ")

describe("the ledger in a sentence", () => {
  test("downloads since Monday", () => {
    expect(say(entry({ at: daysAgo(3) }), entry({ at: daysAgo(1) }), entry())).toBe(
      "3 connections since Monday, all downloads you asked for. None of them carried your chats or documents.",
    )
  })

  test("a single one", () => {
    expect(say(entry())).toMatch(/^1 connection since today, a download you asked for\./)
  })

  test("searches, and both", () => {
    const search = entry({ feature: "search", reason: "search models: small" })
    expect(say(search)).toMatch(/^1 connection since today, a search you asked for\./)
    expect(say(search, entry())).toMatch(/^2 connections since today, all of them for what you asked for\./)
  })

  test("what nobody asked for is not called asked for", () => {
    expect(say(entry({ feature: "telemetry" }), entry())).not.toContain("asked for")
  })

  test("none ever, and none lately", () => {
    expect(say()).toBe("No connection was ever made.")
    expect(say(entry({ at: daysAgo(30) }))).toBe(
      "No connection in the last seven days; the last one was on February 17, 2026.",
    )
  })

  test("what was refused is said, and is not a connection", () => {
    expect(say(entry({ verdict: "blocked" }))).toBe(
      "No connection was ever made. 1 attempt was blocked in the last seven days.",
    )
  })

  test("text that left is said", () => {
    expect(say(entry({ contentClass: "prompt" }))).toContain("1 of them carried text or documents of yours.")
  })

  test("the seventh day counts, the eighth does not", () => {
    expect(summariseLedger([entry({ at: daysAgo(6, 0) })], NOW).sent).toBe(1)
    expect(summariseLedger([entry({ at: daysAgo(7, 23) })], NOW).sent).toBe(0)
  })
})

describe("days", () => {
  test("connections of one purpose to one host are one line", () => {
    const [day, ...others] = ledgerDays([
      entry({ at: daysAgo(0, 9) }),
      entry({ at: daysAgo(0, 10) }),
      entry({ at: daysAgo(0, 11), host: "other.example" }),
    ])
    expect(others).toEqual([])
    expect(day?.lines).toMatchObject([
      { host: "other.example", connections: 1 },
      {
        host: "models.example",
        connections: 2,
        bytesIn: 2_000,
        bytesOut: 200,
        firstAt: daysAgo(0, 9),
        lastAt: daysAgo(0, 10),
      },
    ])
  })

  test("what was refused stands by itself, and days are newest first", () => {
    const days = ledgerDays([entry({ at: daysAgo(2) }), entry({ verdict: "blocked" }), entry()])
    expect(days.map(({ lines }) => lines.map(({ verdict }) => verdict))).toEqual([
      ["sent", "blocked"],
      ["sent"],
    ])
  })

  test("no connection and no byte is lost", () => {
    const entries = fc.array(
      fc.record({
        hour: fc.nat(400),
        host: fc.constantFrom("a.example", "b.example"),
        feature: fc.constantFrom("pull", "search", "other"),
        verdict: fc.constantFrom("sent" as const, "blocked" as const),
        bytesIn: fc.nat(1_000_000),
      }),
    )
    fc.assert(
      fc.property(entries, (drawn) => {
        const all = drawn.map(({ hour, ...rest }) => entry({ ...rest, at: daysAgo(0, -hour) }))
        const lines = ledgerDays(all).flatMap((day) => day.lines)
        const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0)
        expect(sum(lines.map(({ connections }) => connections))).toBe(all.length)
        expect(sum(lines.map(({ bytesIn }) => bytesIn))).toBe(sum(all.map(({ bytesIn }) => bytesIn)))
      }),
    )
  })
})

describe("purposes", () => {
  test.each([
    ["pull", "download hf:owner/repo:Q4_K_M", { type: "pull", subject: "hf:owner/repo:Q4_K_M" }],
    ["search", "search models: ", { type: "search", subject: "" }],
    ["import", "import my:model", { type: "import", subject: "my:model" }],
    ["create", "create from a.gguf", { type: "create", subject: "a.gguf" }],
    ["pull", "something else", { type: "other", subject: "something else" }],
    ["toString", "download x", { type: "other", subject: "download x" }],
  ])("%s: %s", (feature, reason, expected) => {
    expect(ledgerPurpose({ feature, reason })).toEqual(expected)
  })

  test("what was carried", () => {
    expect(carriedBy({ feature: "search", contentClass: "model-id" })).toBe("search-words")
    expect(carriedBy({ feature: "pull", contentClass: "model-id" })).toBe("model-name")
    expect(carriedBy({ feature: "pull", contentClass: "none" })).toBe("nothing")
  })
})
