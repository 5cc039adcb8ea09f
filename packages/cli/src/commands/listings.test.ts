import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createFakeEgress, createFakeLibrary, createFakeRegistry, fakeStored } from "@fireside/app/testing"
import type { LedgerEntry } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { call } from "../testing.ts"

let home = ""
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "fireside-cli-"))
})
afterEach(async () => {
  await rm(home, { recursive: true })
})
const parts = () => ({ home })
const json = (text: string): unknown => JSON.parse(text)

describe("listings", () => {
  const library = () => createFakeLibrary([fakeStored()])

  test("list", async () => {
    const { out } = await call(["list"], { parts: { home, library: library() } })
    expect(out).toBe(
      [
        "NAME           ID              SIZE      MODIFIED",
        "tiny:latest    aaaaaaaaaaaa    1.0 MB    1 day ago",
        "",
      ].join("\n"),
    )
    const machine = await call(["ls", "--json"], { parts: { home, library: library() } })
    expect(json(machine.out)).toEqual([
      {
        name: "tiny:latest",
        digest: `sha256:${"a".repeat(64)}`,
        sizeBytes: 1_000_000,
        modifiedAt: "2026-01-01T00:00:00.000Z",
        format: "gguf",
        architecture: "llama",
        parameters: "1M",
        quantization: "Q8_0",
        contextLength: 2048,
        licence: "Apache-2.0",
        inPlace: false,
        path: "/models/tiny:latest",
      },
    ])
  })

  test("an empty library says what to do", async () => {
    const { exitCode, out, err } = await call(["list"], { parts: { home, library: createFakeLibrary() } })
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: "" })
    expect(err).toContain("fireside pull MODEL")
    expect((await call(["list", "--json"], { parts: { home, library: createFakeLibrary() } })).out).toBe(
      "[]\n",
    )
  })

  test("names from outside cannot drive the terminal", async () => {
    const evil = createFakeLibrary([fakeStored({ name: "evil\x1b]0;x\x07\nname" })])
    expect((await call(["list"], { parts: { home, library: evil } })).out).toContain("evil name")
  })

  test("show", async () => {
    const stored = fakeStored({}, { system: "Be brief.", sampling: { temperature: 0.2 }, stop: ["END"] })
    const own = () => ({ home, library: createFakeLibrary([stored]) })
    const { out } = await call(["show", "tiny"], { parts: own() })
    expect(out).toContain("architecture  llama")
    expect(out).toContain("temperature 0.2")
    expect((await call(["show", "tiny", "--system"], { parts: own() })).out).toBe("Be brief.\n")
    expect((await call(["show", "tiny", "--parameters"], { parts: own() })).out).toBe(
      'temperature 0.2\nstop "END"\n',
    )
    expect(json((await call(["show", "tiny", "--json"], { parts: own() })).out)).toMatchObject({
      name: "tiny:latest",
      parameterCount: "1M",
      parameters: { temperature: 0.2, stop: ["END"] },
      system: "Be brief.",
      template: "",
      capabilities: ["completion"],
      metadata: {},
    })
  })

  test("ps without and with a model", async () => {
    expect(await call(["ps"], { parts: parts() })).toMatchObject({
      exitCode: 0,
      out: "",
      err: "No model is loaded.\n",
    })
    expect((await call(["ps", "--json"], { parts: parts() })).out).toBe("[]\n")
    const registry = createFakeRegistry()
    const model = { name: "tiny:latest", digest: `sha256:${"a".repeat(64)}`, sizeBytes: 1_000_000 }
    const state = { processor: "CPU", contextLength: 2048, expiresAt: null, streams: 0, queued: 0 }
    await registry.register({ ...model, ...state, pid: 7, path: "/models/tiny:latest" }, () => {})
    const residentMemory = async (pid: number) => (pid === 7 ? 3_000_000 : null)
    const listed = await call(["ps"], { parts: { home, registry, residentMemory } })
    expect(listed.out).toBe(
      [
        "NAME           ID              SIZE      MEMORY    PROCESSOR    CONTEXT    UNTIL",
        "tiny:latest    aaaaaaaaaaaa    1.0 MB    3.0 MB    CPU          2048       stopped",
        "",
      ].join("\n"),
    )
    expect((await call(["ps"], { parts: { home, registry } })).out).toContain("1.0 MB    -         CPU")
  })

  test("search", async () => {
    const { out } = await call(["search", "tiny"], { parts: { home, library: library() } })
    expect(out).toMatch(/^NAME +SIZE +LICENCE +HERE +GOOD FOR\ntiny:1m +~1.0 MB +Apache-2.0 +tests\n$/)
    expect(json((await call(["search", "tiny", "--json"], { parts: parts() })).out)).toMatchObject([
      { name: "tiny:1m", installed: false },
    ])
    expect((await call(["search", "zzz"], { parts: parts() })).err).toContain("--remote")
  })
})

describe("privacy", () => {
  const entry: LedgerEntry = {
    seq: 1,
    at: "2026-01-01T12:00:00.000Z",
    reason: "download tiny:1m",
    feature: "pull",
    host: "example.org",
    address: "203.0.113.7",
    port: 443,
    bytesOut: 500,
    bytesIn: 1_000_000,
    contentClass: "model-id",
    verdict: "sent",
    hash: "a",
    previousHash: "b",
  }

  test("status, lock and unlock", async () => {
    const egress = createFakeEgress([entry])
    const own = { parts: { home, egress } }
    expect((await call(["privacy", "status"], own)).out).toContain(
      "12 hours ago, example.org:443, download tiny:1m",
    )
    expect((await call(["privacy", "lock"], own)).err).toBe(
      "The lock is now locked: nothing leaves this machine.\n",
    )
    expect(json((await call(["privacy", "status", "--json"], own)).out)).toEqual({
      lock: "locked",
      sandbox: "partial",
      entries: 1,
      lastEntry: entry,
    })
    expect(json((await call(["privacy", "unlock", "--json"], own)).out)).toMatchObject({ lock: "ask" })
  })

  test("ledger and verify", async () => {
    const own = { parts: { home, egress: createFakeEgress([entry]) } }
    expect(json((await call(["privacy", "ledger", "--json"], own)).out)).toEqual([entry])
    expect((await call(["privacy", "ledger"], own)).out).toContain("2026-01-01 12:00:00    sent")
    expect((await call(["privacy", "verify"], own)).out).toContain("1 entry; the chain is whole")
    expect((await call(["privacy", "ledger"], { parts: parts() })).err).toContain(
      "nothing has left this machine",
    )
  })
})

describe("doctor", () => {
  test("prints each check, and a machine gets the report", async () => {
    const { exitCode, out } = await call(["doctor"], { parts: parts() })
    expect(exitCode).toBe(0)
    expect(out).toContain("✓ engine")
    expect(out).toMatch(/Ready\.\n$/)
    expect(json((await call(["doctor", "--json"], { parts: parts() })).out)).toMatchObject({
      ok: true,
      checks: expect.any(Array),
    })
  })
})
