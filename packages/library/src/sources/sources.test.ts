// Every source against the contract, and what is particular to each.
import { createHash } from "node:crypto"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { buildTinyModel } from "@fireside/gguf/testing"
import { describe, expect, it } from "vitest"
import type { HubReference, OllamaReference, PathReference, UrlReference } from "../reference.ts"
import { describeSource, type SourceFixture } from "../source.contract.ts"
import { failure } from "../testing/failure.ts"
import { type LoopbackServer, startLoopbackServer } from "../testing/loopback-server.ts"
import { HUB_REVISION, serveHub } from "../testing/serve-hub.ts"
import { openBench, purpose, sentFrom } from "../testing/source-bench.ts"
import { createFileSource } from "./file.ts"
import { createUrlSource } from "./https.ts"
import { createHubSource } from "./hub.ts"
import { createOllamaSource } from "./ollama-registry.ts"

const MODEL = buildTinyModel()
const OTHER = buildTinyModel({ seed: 2 })
const sha = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")
const never = new AbortController().signal

// ── hub ──────────────────────────────────────────────────────────────────────────────────────────

const REPO: HubReference = { type: "hub", owner: "o", repo: "tiny" }

describeSource<HubReference>("the hub", async (): Promise<SourceFixture<HubReference>> => {
  const bench = await openBench()
  serveHub(bench.server, { id: "o/tiny", files: { "tiny-Q4_K_M.gguf": MODEL, "tiny-F16.gguf": OTHER } })
  return {
    ...bench,
    folder: bench.downloads,
    source: createHubSource({ endpoint: bench.server.origin }, bench.world),
    reference: REPO,
    missing: { ...REPO, repo: "nothing" },
    bytes: MODEL,
    weightsSent: () => sentFrom(bench.server, "/cdn/"),
    contacts: () => bench.server.requests.length,
    lock: () => void bench.egress.setLock("locked"),
  }
})

describe("the hub", () => {
  it("takes sizes, digests and the licence from the hub, at one revision", async () => {
    await using bench = await openBench()
    serveHub(bench.server, { id: "o/tiny", files: { "tiny-Q4_K_M.gguf": MODEL }, licence: "apache-2.0" })
    const source = createHubSource({ endpoint: bench.server.origin }, bench.world)
    const offer = await source.offer(REPO, { purpose }, never)
    expect(offer.licence).toMatchObject({ name: "Apache-2.0", permissive: true })
    expect(offer.files).toMatchObject([
      { name: "tiny-Q4_K_M.gguf", sizeBytes: MODEL.length, sha256: sha(MODEL) },
    ])
    await offer.fetch(bench.target, never)
    expect(bench.server.requests.some(({ path }) => path.includes(`/resolve/${HUB_REVISION}/`))).toBe(true)
  })

  it("names the quantisations that are there when the wanted one is not", async () => {
    await using bench = await openBench()
    serveHub(bench.server, { id: "o/tiny", files: { "tiny-Q4_K_M.gguf": MODEL, "tiny-F16.gguf": OTHER } })
    const source = createHubSource({ endpoint: bench.server.origin }, bench.world)
    const error = await failure(source.offer({ ...REPO, quantization: "Q8_0" }, { purpose }, never))
    expect(error.code).toBe("model-unavailable")
    expect(error.details.available).toEqual(["Q4_K_M", "F16"])
  })

  it("sends its token to the hub's origin and to nobody else", async () => {
    await using bench = await openBench()
    await using elsewhere = await startLoopbackServer()
    serveHub(bench.server, { id: "o/tiny", files: { "tiny-Q4_K_M.gguf": MODEL } })
    bench.server.redirects.set(`/o/tiny/resolve/${HUB_REVISION}/tiny-Q4_K_M.gguf`, `${elsewhere.origin}/blob`)
    elsewhere.content.set("/blob", MODEL)
    const source = createHubSource({ endpoint: bench.server.origin, token: "hf_secret" }, bench.world)
    const offer = await source.offer(REPO, { purpose }, never)
    await offer.fetch(bench.target, never)
    const tokens = (server: LoopbackServer): readonly unknown[] =>
      server.requests.map(({ headers }) => headers.authorization)
    expect(new Set(tokens(bench.server))).toEqual(new Set(["Bearer hf_secret"]))
    expect(elsewhere.requests.length).toBeGreaterThan(0)
    expect(new Set(tokens(elsewhere))).toEqual(new Set([undefined]))
  })

  it("follows the pages of a long list, but not to another host", async () => {
    await using bench = await openBench()
    serveHub(bench.server, { id: "o/tiny", files: { "tiny-F16.gguf": OTHER } })
    const tree = `/api/models/o/tiny/tree/${HUB_REVISION}`
    const entry = {
      type: "file",
      path: "tiny-Q4_K_M.gguf",
      size: MODEL.length,
      lfs: { oid: sha(MODEL), size: MODEL.length },
    }
    bench.server.content.set(tree, {
      json: [],
      headers: { link: `<${bench.server.origin}/next>; rel="next"` },
    })
    bench.server.content.set("/next", {
      json: [entry],
      headers: { link: '<https://evil.test/more>; rel="next"' },
    })
    const source = createHubSource({ endpoint: bench.server.origin }, bench.world)
    const offer = await source.offer(REPO, { purpose }, never)
    expect(offer.files).toMatchObject([{ name: "tiny-Q4_K_M.gguf" }])
    expect(bench.egress.asked.every(({ url }) => url.startsWith(bench.server.origin))).toBe(true)
  })

  it.each([
    ["a sign-in page", { json: "<html>" }, "html"],
    ["no revision", { json: { sha: "../../x" } }, "revision"],
  ])("refuses %s", async (_name, content, rule) => {
    await using bench = await openBench()
    bench.server.content.set("/api/models/o/tiny", content)
    if (rule === "html") bench.server.fault = () => ({ type: "html" })
    if (rule === "html") bench.server.content.set("/api/models/o/tiny", new Uint8Array(9))
    const source = createHubSource({ endpoint: bench.server.origin }, bench.world)
    const error = await failure(source.offer(REPO, { purpose }, never))
    expect(error).toMatchObject({ code: "bad-response", details: { rule } })
  })

  it("leaves out files with paths that nobody gives a model", async () => {
    await using bench = await openBench()
    serveHub(bench.server, { id: "o/tiny", files: { "tiny-Q4_K_M.gguf": MODEL } })
    const entry = { type: "file", size: 5, lfs: { oid: sha("x"), size: 5 } }
    bench.server.content.set(`/api/models/o/tiny/tree/${HUB_REVISION}`, {
      json: [
        { ...entry, path: "../../x-Q4_K_M.gguf" },
        { ...entry, path: "a//b-Q4_0.gguf" },
      ],
    })
    const source = createHubSource({ endpoint: bench.server.origin }, bench.world)
    expect((await failure(source.offer(REPO, { purpose }, never))).message).toContain("no GGUF file")
  })
})

// ── https ────────────────────────────────────────────────────────────────────────────────────────

describeSource<UrlReference>("an address", async () => {
  const bench = await openBench()
  bench.server.content.set("/x/tiny.gguf", MODEL)
  const { origin } = bench.server
  return {
    ...bench,
    folder: bench.downloads,
    source: createUrlSource({ trustedOrigins: [origin] }, bench.world),
    reference: { type: "url", url: `${origin}/x/tiny.gguf` },
    missing: { type: "url", url: `${origin}/y/none.gguf` },
    bytes: MODEL,
    weightsSent: () => sentFrom(bench.server, "/x/"),
    contacts: () => bench.server.requests.length,
    lock: () => void bench.egress.setLock("locked"),
  }
})

describe("an address", () => {
  it("may know no HEAD", async () => {
    await using bench = await openBench()
    bench.server.content.set("/x.gguf", MODEL)
    bench.server.fault = (_path, nth) => (nth === 0 ? { type: "status", status: 405 } : undefined)
    const source = createUrlSource({ trustedOrigins: [bench.server.origin] }, bench.world)
    const offer = await source.offer(
      { type: "url", url: `${bench.server.origin}/x.gguf` },
      { purpose },
      never,
    )
    expect(offer.files[0]?.sizeBytes).toBe(0)
    expect((await offer.fetch(bench.target, never)).files[0]?.sha256).toBe(sha(MODEL))
  })
})

// ── ollama ───────────────────────────────────────────────────────────────────────────────────────

const TEXTS = {
  template: "{{ .Prompt }}",
  system: "Be short.",
  params: '{"stop":["<|im_end|>"],"temperature":0.3}',
  license: "Apache License\nVersion 2.0, January 2004\n",
}

function serveOllama(server: LoopbackServer, changes: { readonly digest?: string } = {}): void {
  const layer = (kind: string, bytes: Uint8Array): unknown => {
    const digest = `sha256:${sha(bytes)}`
    server.content.set(`/v2/library/tiny/blobs/${digest}`, bytes)
    return { mediaType: `application/vnd.ollama.image.${kind}`, digest, size: bytes.length }
  }
  const layers = [
    layer("model", MODEL),
    ...Object.entries(TEXTS).map(([kind, text]) => layer(kind, Buffer.from(text))),
    { mediaType: "application/vnd.ollama.image.unknown", digest: "x", size: 1 },
  ]
  if (changes.digest !== undefined) Object.assign(layers[0] as object, { digest: changes.digest })
  server.content.set("/v2/library/tiny/manifests/1b", { json: { schemaVersion: 2, layers } })
}

describeSource<OllamaReference>("a registry of Ollama's kind", async () => {
  const bench = await openBench()
  serveOllama(bench.server)
  return {
    ...bench,
    folder: bench.downloads,
    source: createOllamaSource({ endpoint: bench.server.origin }, bench.world),
    reference: { type: "ollama", name: "tiny", tag: "1b" },
    missing: { type: "ollama", name: "tiny", tag: "9b" },
    bytes: MODEL,
    weightsSent: () => sentFrom(bench.server, sha(MODEL)),
    contacts: () => bench.server.requests.length,
    lock: () => void bench.egress.setLock("locked"),
  }
})

describe("a registry of Ollama's kind", () => {
  it("brings template, system, parameters and licence, and recognises the licence before the weights", async () => {
    await using bench = await openBench()
    serveOllama(bench.server)
    const source = createOllamaSource({ endpoint: bench.server.origin }, bench.world)
    const offer = await source.offer({ type: "ollama", name: "tiny", tag: "1b" }, { purpose }, never)
    expect(offer.licence).toMatchObject({ name: "Apache-2.0", permissive: true })
    const { files } = await offer.fetch(bench.target, never)
    expect(files.map(({ role }) => role)).toEqual(["weights", "template", "system", "params", "licence"])
    const params = files.find(({ role }) => role === "params")
    expect(await readFile(params?.path ?? "", "utf8")).toBe(TEXTS.params)
  })

  it("refuses a licence that is not the promised one", async () => {
    await using bench = await openBench()
    serveOllama(bench.server)
    bench.server.content.set(
      `/v2/library/tiny/blobs/sha256:${sha(TEXTS.license)}`,
      Buffer.from("MIT License"),
    )
    const source = createOllamaSource({ endpoint: bench.server.origin }, bench.world)
    const error = await failure(source.offer({ type: "ollama", name: "tiny", tag: "1b" }, { purpose }, never))
    expect(error.code).toBe("digest-mismatch")
  })

  it.each(["sha256:../../../etc/passwd", "sha256:", `sha256:${"A".repeat(64)}`, `sha256:${"a".repeat(65)}`])(
    "refuses the digest %s",
    async (digest) => {
      await using bench = await openBench()
      serveOllama(bench.server, { digest })
      const source = createOllamaSource({ endpoint: bench.server.origin }, bench.world)
      const error = await failure(
        source.offer({ type: "ollama", name: "tiny", tag: "1b" }, { purpose }, never),
      )
      expect(error).toMatchObject({ code: "bad-response", details: { rule: "digest" } })
    },
  )
})

// ── file ─────────────────────────────────────────────────────────────────────────────────────────

describeSource<PathReference>("a file", async () => {
  const bench = await openBench()
  await writeFile(join(bench.folder, "mine.gguf"), MODEL)
  return {
    ...bench,
    folder: bench.downloads,
    source: createFileSource(bench.world),
    reference: { type: "path", path: join(bench.folder, "mine.gguf") },
    missing: { type: "path", path: join(bench.folder, "none.gguf") },
    bytes: MODEL,
    weightsSent: () => 0,
    contacts: () => undefined,
    lock: () => {},
  }
})
