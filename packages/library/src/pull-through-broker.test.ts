// The same pull through the real broker: what travels is in the ledger, and with the lock on nothing does.

import { createEgress, type Egress } from "@fireside/egress"
import { buildTinyModel } from "@fireside/gguf/testing"
import { type Database, openDatabase } from "@fireside/host"
import { expect, it } from "vitest"
import { serveHub } from "./testing/serve-hub.ts"
import { collect, never, openTestLibrary, type TestLibrary } from "./testing/test-library.ts"

const MODEL = buildTinyModel({ layers: 4 })

async function withBroker(work: (test: TestLibrary, egress: Egress) => Promise<void>): Promise<void> {
  let egress: Egress | undefined
  let database: Promise<Database> | undefined
  await using test = await openTestLibrary({
    openEgress: async () => {
      if (egress === undefined) throw new Error("not open yet")
      return egress
    },
  })
  const open = (): Promise<Database> => {
    database ??= openDatabase(test.paths)
    return database
  }
  egress = createEgress({ openDatabase: open })
  serveHub(test.server, { id: "o/tiny", files: { "tiny-Q8_0.gguf": MODEL }, licence: "mit" })
  try {
    await work(test, egress)
  } finally {
    await egress[Symbol.asyncDispose]()
  }
}

it("writes every connection down, with the bytes that came", () =>
  withBroker(async (test, egress) => {
    await test.pull("hf:o/tiny")
    expect((await test.library.verify("hf:o/tiny", never)).ok).toBe(true)
    const ledger = await egress.ledger()
    expect(ledger.length).toBe(test.server.requests.length)
    expect(new Set(ledger.map(({ reason, feature, verdict }) => `${feature} ${verdict}: ${reason}`))).toEqual(
      new Set(["pull sent: download hf:o/tiny"]),
    )
    const bytesIn = ledger.reduce((sum, entry) => sum + entry.bytesIn, 0)
    expect(bytesIn).toBeGreaterThan(MODEL.length)
    expect(await egress.verifyLedger()).toBeNull()
  }))

it("goes on after a pause", () =>
  withBroker(async (test) => {
    const pause = new AbortController()
    test.server.onSent(200_000, () => pause.abort())
    await expect(collect(test.library.pull("hf:o/tiny", {}, pause.signal))).rejects.toThrow()
    expect((await test.pull("hf:o/tiny")).at(-1)?.type).toBe("finish")
  }))

it("with the lock on reaches nobody", () =>
  withBroker(async (test, egress) => {
    await egress.setLock("locked")
    await expect(test.pull("hf:o/tiny")).rejects.toMatchObject({ code: "network-locked" })
    expect(test.server.requests).toEqual([])
    expect((await egress.ledger()).filter(({ verdict }) => verdict === "sent")).toEqual([])
  }))
