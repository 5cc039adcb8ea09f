// Pulling, as its user sees it: sources in order, consent, what is kept and what is never visible.
import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { chmod, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { buildTinyModel } from "@fireside/gguf/testing"
import { AppError, type JobEvent } from "@fireside/protocol"
import { describe, expect, it } from "vitest"
import type { CatalogueEntry, PullOffer } from "./library.ts"
import { failure } from "./testing/failure.ts"
import { serveHub } from "./testing/serve-hub.ts"
import { collect, never, openTestLibrary, type TestLibrary } from "./testing/test-library.ts"

const MODEL = buildTinyModel({ layers: 4 })
const NEWER = buildTinyModel({ layers: 4, seed: 2 })
const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

const ENTRY: CatalogueEntry = {
  name: "tiny:1m",
  title: "Tiny",
  licence: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0", permissive: true },
  parameters: 1_000_000,
  contextLength: 2_048,
  languages: ["en"],
  goodFor: "tests",
  capabilities: ["completion"],
  approximateSizeBytes: 1_000_000,
  sources: ["hf:first/tiny", "hf:second/tiny"],
  latest: true,
}
const OTHER_LICENCE = { name: "Tiny Terms", url: "https://tiny.test/terms", permissive: false }

async function open(entry: Partial<CatalogueEntry> = {}): Promise<TestLibrary> {
  const test = await openTestLibrary({ catalogue: [{ ...ENTRY, ...entry }] })
  serveHub(test.server, { id: "second/tiny", files: { "tiny-Q8_0.gguf": MODEL }, licence: "apache-2.0" })
  return test
}

const notices = (events: readonly JobEvent[]): string =>
  events.map((event) => (event.type === "notice" ? event.message : "")).join("\n")

const sentBytes = ({ server }: TestLibrary): number =>
  server.requests
    .filter(({ path }) => path.startsWith("/cdn/"))
    .reduce((sum, { sentBytes: sent }) => sum + sent, 0)

describe("pull", () => {
  it("gives a model the sampling that its publisher recommends, also under another name", async () => {
    await using test = await open({ sampling: { temperature: 0.2, topP: 0.9 } })
    await test.pull("tiny")
    await test.library.copy("tiny:1m", "mine")
    expect((await test.library.resolve("tiny")).sampling).toEqual({ temperature: 0.2, topP: 0.9 })
    expect((await test.library.resolve("mine")).sampling).toEqual({ temperature: 0.2, topP: 0.9 })
  })

  it("tries the sources in order, says which failed, and ends with the digest", async () => {
    await using test = await open()
    const offers: PullOffer[] = []
    const events = await test.pull("tiny", { onOffer: (offer) => void offers.push(offer) })
    expect(notices(events)).toContain("hf:first/tiny cannot serve")
    expect(offers).toMatchObject([
      {
        name: "tiny:1m",
        source: "hf:second/tiny",
        licence: { name: "Apache-2.0" },
        files: [{ name: "tiny-Q8_0.gguf", sizeBytes: MODEL.length, sha256: sha(MODEL) }],
        downloadBytes: MODEL.length,
        failed: [{ source: "hf:first/tiny" }],
      },
    ])
    expect(events.at(-1)).toEqual({ type: "finish", name: "tiny:1m", digest: `sha256:${sha(MODEL)}` })
    expect(events.filter(({ type }) => type === "finish")).toHaveLength(1)
    const blob = join(test.paths.blobs, `sha256-${sha(MODEL)}`)
    expect((await stat(blob)).mode & 0o777).toBe(0o444)
    expect((await readdir(test.paths.downloads)).filter((name) => !name.endsWith(".lock"))).toEqual([])
  })

  it("says everything that was tried when no source can serve: exit 69", async () => {
    await using test = await open({
      sources: ["hf:first/tiny", "ollama:tiny:1m", "https://127.0.0.2/x.gguf"],
    })
    const error = await failure(test.pull("tiny:1m"))
    expect(error.code).toBe("model-unavailable")
    expect(error.details.failed).toMatchObject([
      { source: "hf:first/tiny" },
      { source: "ollama:tiny:1m" },
      { source: "https://127.0.0.2/x.gguf" },
    ])
    expect(error.message).toContain("hf:first/tiny:")
  })

  it("stores a hub reference under its own name and quantisation", async () => {
    await using test = await open()
    await test.pull("hf:second/tiny:q8_0")
    expect((await test.library.resolve("hf.co/second/tiny:Q8_0")).summary.name).toBe("hf:second/tiny:Q8_0")
    expect(existsSync(join(test.paths.manifests, "hf.co/second/tiny/q8_0.json"))).toBe(true)
  })

  it("names what is close when the name is not known", async () => {
    await using test = await open()
    const error = await failure(test.pull("tny:1m"))
    expect(error).toMatchObject({ code: "model-not-found", details: { close: ["tiny:1m"] } })
  })

  it("takes a model in parts and keeps it as one file", async () => {
    await using test = await open()
    const { splitModel } = await import("./testing/split-model.ts")
    const [first, second] = await splitModel(MODEL)
    serveHub(test.server, {
      id: "o/split",
      files: { "tiny-Q8_0-00001-of-00002.gguf": first, "tiny-Q8_0-00002-of-00002.gguf": second },
      licence: "mit",
    })
    await test.pull("hf:o/split")
    const model = await test.library.resolve("hf:o/split")
    expect(model.header.tensors.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["token_embd.weight", "output_norm.weight"]),
    )
    expect((await test.library.verify("hf:o/split", never)).ok).toBe(true)
    const before = sentBytes(test)
    await test.pull("hf:o/split")
    expect(sentBytes(test)).toBe(before)
  })
})

describe("parts that do not belong together", () => {
  it("are refused", async () => {
    await using test = await open()
    const { splitModel } = await import("./testing/split-model.ts")
    const [first, second] = await splitModel(MODEL)
    const files = { "t-00001-of-00002.gguf": second, "t-00002-of-00002.gguf": first }
    serveHub(test.server, { id: "o/split", files, licence: "mit" })
    const error = await failure(test.pull("hf:o/split"))
    expect(error).toMatchObject({ code: "bad-model-file", details: { rule: "split-order" } })
    expect(await readdir(test.paths.blobs)).toEqual([])
  })
})

describe("the lock", () => {
  it("fails a pull at once, before anything is asked", async () => {
    await using test = await open()
    await test.egress.setLock("locked")
    expect((await failure(test.pull("tiny:1m"))).code).toBe("network-locked")
    expect(test.egress.asked).toEqual([])
    expect(test.server.requests).toEqual([])
    expect(await readdir(test.paths.downloads)).toEqual([])
  })
})

describe("consent", () => {
  it("is needed for a licence that is not permissive, before the first byte of weights", async () => {
    await using test = await open({ licence: OTHER_LICENCE })
    const offers: PullOffer[] = []
    const error = await failure(test.pull("tiny:1m", { onOffer: (offer) => void offers.push(offer) }))
    expect(error).toMatchObject({ code: "licence-not-accepted", details: { licence: "Tiny Terms" } })
    expect(offers).toHaveLength(1)
    expect(sentBytes(test)).toBe(0)
  })

  it("is remembered", async () => {
    await using test = await open({ licence: OTHER_LICENCE })
    await test.pull("tiny:1m", { acceptLicence: true })
    await test.library.remove("tiny:1m")
    expect((await test.pull("tiny:1m")).at(-1)?.type).toBe("finish")
  })

  it("may be given while the offer is shown", async () => {
    await using test = await open({ licence: OTHER_LICENCE })
    const options = {
      acceptLicence: false,
      onOffer: () => void Object.assign(options, { acceptLicence: true }),
    }
    expect((await test.pull("tiny:1m", options)).at(-1)?.type).toBe("finish")
  })

  it("refused by throwing ends the pull with that very error", async () => {
    await using test = await open()
    const refusal = new AppError("consent-needed", { message: "no terminal" })
    const onOffer = (): void => {
      throw refusal
    }
    await expect(test.pull("tiny:1m", { onOffer })).rejects.toBe(refusal)
    expect(sentBytes(test)).toBe(0)
  })

  it("is needed where the source says nothing of a licence", async () => {
    await using test = await open()
    serveHub(test.server, { id: "o/bare", files: { "x.gguf": MODEL } })
    expect((await failure(test.pull("hf:o/bare"))).details.licence).toBe("unknown")
  })
})

describe("what is never visible", () => {
  const final = (test: TestLibrary): string => join(test.paths.blobs, `sha256-${sha(MODEL)}`)

  it("is a file with wrong bytes, at any moment", async () => {
    await using test = await open({ sources: ["hf:second/tiny"] })
    test.server.fault = (path) => (path.startsWith("/cdn/") ? { type: "wrong-bytes" } : undefined)
    let seen = false
    const look = setInterval(() => {
      seen ||= existsSync(final(test))
    }, 1)
    const error = await failure(test.pull("tiny:1m"))
    clearInterval(look)
    expect(error.code).toBe("digest-mismatch")
    expect(seen || existsSync(final(test))).toBe(false)
    expect((await failure(test.library.resolve("tiny:1m"))).code).toBe("model-not-found")
  })

  it("is a model that breaks a rule: rule and offset are named, nothing is promoted", async () => {
    await using test = await open()
    const broken = buildTinyModel({ metadata: { "llama.block_count": { type: "uint32", value: 100_000 } } })
    serveHub(test.server, { id: "o/broken", files: { "b.gguf": broken }, licence: "mit" })
    const error = await failure(test.pull("hf:o/broken"))
    expect(error.code).toBe("bad-model-file")
    expect(error.details.rule).toBeTypeOf("string")
    expect(error.details.offset).toBeTypeOf("number")
    expect(await readdir(test.paths.blobs)).toEqual([])
    expect(await test.library.list()).toEqual([])
  })
})

describe("two pulls of one model", () => {
  it("the second is told which process has it", async () => {
    await using test = await open()
    const second = test.open()
    let error: AppError | undefined
    await test.pull("tiny:1m", {
      onOffer: async () => {
        error = await failure(collect(second.pull("tiny:1m", {}, never)))
      },
    })
    expect(error).toMatchObject({ code: "held", details: { pid: process.pid } })
    expect((await collect(second.pull("tiny:1m", {}, never))).at(-1)?.type).toBe("finish")
  })
})

describe("pause and resume", () => {
  it("keeps what came and goes on from there", async () => {
    await using test = await open({ sources: ["hf:second/tiny"] })
    const pause = new AbortController()
    test.server.onSent(100_000, () => pause.abort())
    await expect(collect(test.library.pull("tiny:1m", {}, pause.signal))).rejects.toThrow()
    const before = sentBytes(test)
    await test.pull("tiny:1m")
    expect(before).toBeLessThan(MODEL.length)
    expect(sentBytes(test)).toBeLessThanOrEqual(MODEL.length + 4 * 64 * 1024)
  })

  it("stops when nobody reads the events any more", async () => {
    await using test = await open({ sources: ["hf:second/tiny"] })
    for await (const event of test.library.pull("tiny:1m", {}, never)) if (event.type === "progress") break
    expect((await failure(test.library.resolve("tiny:1m"))).code).toBe("model-not-found")
    // The lock was let go of.
    expect((await test.pull("tiny:1m")).at(-1)?.type).toBe("finish")
  })

  it("rm of a model that is only begun removes the partial", async () => {
    await using test = await open({ sources: ["hf:second/tiny"] })
    const pause = new AbortController()
    test.server.onSent(100_000, () => pause.abort())
    await expect(collect(test.library.pull("tiny:1m", {}, pause.signal))).rejects.toThrow()
    expect((await test.library.remove("tiny:1m")).freedBytes).toBeGreaterThan(0)
    expect((await readdir(test.paths.downloads)).filter((name) => !name.endsWith(".lock"))).toEqual([])
  })

  it("gives up partials that nobody went on with for a week", async () => {
    await using test = await open({ sources: ["hf:second/tiny"] })
    const pause = new AbortController()
    test.server.onSent(100_000, () => pause.abort())
    await expect(collect(test.library.pull("hf:second/tiny", {}, pause.signal))).rejects.toThrow()
    test.clock.advance(8 * 24 * 3_600_000)
    await test.pull("tiny:1m")
    expect((await readdir(test.paths.downloads)).filter((name) => !name.endsWith(".lock"))).toEqual([])
  })
})

describe("a model that is there", () => {
  it("is verified and not fetched again", async () => {
    await using test = await open()
    await test.pull("tiny:1m")
    const before = sentBytes(test)
    expect((await test.pull("tiny:1m")).at(-1)).toMatchObject({ type: "finish" })
    expect(sentBytes(test)).toBe(before)
  })

  it.each(["bytes", "length", "absence"])("is repaired when its blob is damaged: %s", async (damage) => {
    await using test = await open()
    await test.pull("tiny:1m")
    const blob = join(test.paths.blobs, `sha256-${sha(MODEL)}`)
    await chmod(blob, 0o600)
    if (damage === "bytes") {
      const bytes = await readFile(blob)
      await writeFile(blob, bytes.fill(0, 100_000, 100_100))
      expect(await test.library.verify("tiny:1m", never)).toMatchObject({ ok: false })
      expect((await failure(test.library.resolve("tiny:1m"))).code).toBe("corrupt-data")
      expect((await test.library.list())[0]?.problem).toContain("corrupt")
    }
    if (damage === "length") await truncate(blob, 1_000)
    if (damage === "absence") await (await import("node:fs/promises")).rm(blob)
    const events = await test.pull("tiny:1m")
    expect(notices(events)).toContain("damaged")
    expect((await test.library.verify("tiny:1m", never)).ok).toBe(true)
    expect((await test.library.resolve("tiny:1m")).summary.problem).toBeUndefined()
  })

  it("is repaired even where nobody noticed the damage before", async () => {
    await using test = await open()
    await test.pull("tiny:1m")
    const blob = join(test.paths.blobs, `sha256-${sha(MODEL)}`)
    await chmod(blob, 0o600)
    await writeFile(blob, (await readFile(blob)).fill(0, 100_000, 100_100))
    await test.pull("tiny:1m")
    expect(sha(await readFile(blob))).toBe(sha(MODEL))
  })

  it("is replaced when its source has a newer one, and the old blob goes", async () => {
    await using test = await open()
    await test.pull("tiny:1m")
    serveHub(test.server, { id: "second/tiny", files: { "tiny-Q8_0.gguf": NEWER } })
    await test.pull("tiny:1m")
    expect((await test.library.resolve("tiny:1m")).summary.digest).toBe(`sha256:${sha(NEWER)}`)
    expect(await readdir(test.paths.blobs)).toEqual([`sha256-${sha(NEWER)}`])
  })

  it("is kept when its source cannot be reached", async () => {
    await using test = await open()
    await test.pull("tiny:1m")
    test.server.content.clear()
    const events = await test.pull("tiny:1m")
    expect(notices(events)).toContain("newer")
    expect(events.at(-1)?.type).toBe("finish")
  })
})

describe("a full disk", () => {
  it("is told before the download, with both figures", async () => {
    await using test = await open({ sources: ["hf:second/tiny", "hf:first/tiny"] })
    const full = test.open({ diskSpace: async () => ({ freeBytes: 1_000, totalBytes: 10_000 }) })
    const error = await failure(collect(full.pull("tiny:1m", {}, never)))
    expect(error).toMatchObject({
      code: "disk-full",
      details: { neededBytes: MODEL.length, freeBytes: 1_000 },
    })
    expect(sentBytes(test)).toBe(0)
  })
})
