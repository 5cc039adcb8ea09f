// Models made of other models: what is shared, what is layered, what is refused, and the Modelfile that makes them again.
import { createHash } from "node:crypto"
import { rmSync } from "node:fs"
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { buildTinyAdapter, buildTinyModel, type TinyTensor } from "@fireside/gguf/testing"
import { MODELFILE_LIMITS } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { CreateRequest, Library, StoredModel } from "./library.ts"
import { failure } from "./testing/failure.ts"
import { collect, never, openTestLibrary, type TestLibrary } from "./testing/test-library.ts"
import { uploadBlob } from "./testing/upload-blob.ts"

const MODEL = buildTinyModel({ type: "Q4_0" })
const OTHER = buildTinyModel({ type: "Q8_0", seed: 2 })
const ADAPTER = buildTinyAdapter({})
const sha = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")
const blob = (bytes: Uint8Array): string => `blob:sha256-${sha(bytes)}`

let outside: string
let test: TestLibrary
let library: Library

beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), "fireside-outside-"))
  test = await openTestLibrary({ settings: { ollamaModels: join(outside, "ollama") } })
  library = test.library
})

afterEach(async () => {
  await test[Symbol.asyncDispose]()
  await rm(outside, { recursive: true })
})

async function put(path: string, bytes: Uint8Array | string): Promise<string> {
  const full = join(outside, path)
  await mkdir(dirname(full), { recursive: true })
  await writeFile(full, bytes)
  return full
}

const create = (name: string, from: string, more: Partial<CreateRequest> = {}) =>
  collect(library.create({ name, from, ...more }, never))

const upload = (bytes: Uint8Array): Promise<void> => uploadBlob(library, bytes)

/** What is set of a model, and by which files it is made. */
function settingsOf({ summary: _summary, header: _header, ...rest }: StoredModel) {
  return rest
}

async function importBase(bytes: Uint8Array = MODEL, name = "base"): Promise<void> {
  await collect(library.importFile(await put(`${name}.gguf`, bytes), name, never))
}

const SETTINGS = {
  system: 'You are "Mario".\nBe brief.',
  template: "{% for m in messages %}{{ m.content }}{% endfor %}",
  sampling: { temperature: 0.1, topNSigma: 2, logitBias: { "7": -1 } },
  stop: ["<|end|>", "\n\n"],
  contextLength: 512,
  maxTokens: 20,
  messages: [
    { role: "user", content: "hi" },
    { role: "assistant", content: "it's me" },
  ],
} as const satisfies Partial<CreateRequest>

describe("create", () => {
  it("shares the weights of the base and keeps what is set", async () => {
    await importBase()
    const events = await create("mario", "base", { ...SETTINGS, licences: ["Free for all"] })
    expect(events.map((event) => (event.type === "status" ? event.message : event.type))).toEqual([
      "reading the base",
      "checking mario:latest",
      "writing the manifest",
      "finish",
    ])
    expect(events.at(-1)).toEqual({ type: "finish", name: "mario:latest", digest: `sha256:${sha(MODEL)}` })
    const [base, mario] = [await library.resolve("base"), await library.resolve("mario")]
    expect(mario).toMatchObject({ ...SETTINGS, path: base.path, licenceText: "Free for all" })
    expect(mario.summary).toMatchObject({ name: "mario:latest", digest: base.summary.digest, inPlace: false })
    expect(mario.summary.persona).toBe(true)
    expect(base.summary).not.toHaveProperty("persona")
    const listed = await library.list()
    expect(listed.filter(({ persona }) => persona).map(({ name }) => name)).toEqual(["mario:latest"])
    expect((await library.verify("mario", never)).ok).toBe(true)
    expect((await readdir(test.paths.downloads)).filter((name) => !name.endsWith(".lock"))).toEqual([])
  })

  it("layers: what is left out is the base's, what is empty takes it away", async () => {
    await importBase()
    await create("one", "base", { ...SETTINGS, licences: ["first"] })
    await create("two", "one", {
      sampling: { temperature: 0.9 },
      stop: [],
      system: "",
      licences: ["second", "first"],
    })
    const { system: _system, stop: _stop, ...kept } = SETTINGS
    const two = await library.resolve("two")
    expect(settingsOf(two)).toEqual({
      ...kept,
      path: two.path,
      sampling: { ...SETTINGS.sampling, temperature: 0.9 },
      licenceText: "first\n\nsecond",
    })
  })

  it("lives on without its base, and its blobs go with it", async () => {
    await importBase()
    await create("mario", "base", SETTINGS)
    expect(await library.remove("base")).toEqual({ freedBytes: 0 })
    expect((await library.resolve("mario")).system).toBe(SETTINGS.system)
    await library.copy("mario", "luigi")
    await library.remove("mario")
    expect((await library.resolve("luigi")).system).toBe(SETTINGS.system)
    expect((await library.remove("luigi")).freedBytes).toBeGreaterThan(MODEL.length)
    expect(await readdir(test.paths.blobs)).toEqual([])
  })

  it("replaces a name, and removes what only that one used", async () => {
    await importBase()
    await importBase(OTHER, "mario")
    await create("mario", "base", { system: "new" })
    const mario = await library.resolve("mario")
    expect(mario.summary.digest).toBe(`sha256:${sha(MODEL)}`)
    expect(await readdir(test.paths.blobs)).toHaveLength(2)
    await create("mario", "mario", { system: "newer" })
    expect((await library.resolve("mario")).system).toBe("newer")
    expect(await readdir(test.paths.blobs)).toHaveLength(2)
  })

  it("is made of a file, of an uploaded one, and of base+adapter", async () => {
    await create("file", await put("w.gguf", MODEL), { system: "a" })
    await upload(OTHER)
    await create("sent", blob(OTHER), { system: "b" })
    await importBase()
    await collect(library.importFile(await put("lora.gguf", ADAPTER), "lora", never))
    await create("tuned", "base+lora", { system: "c" })
    const digests = await Promise.all(
      ["file", "sent", "tuned"].map(async (name) => (await library.resolve(name)).summary.digest),
    )
    expect(digests).toEqual([sha(MODEL), sha(OTHER), sha(MODEL)].map((hex) => `sha256:${hex}`))
    const adapters = [{ path: join(test.paths.blobs, `sha256-${sha(ADAPTER)}`), scale: 1 }]
    expect((await library.resolve("tuned")).adapters).toEqual(adapters)
    // The adapter is the model's own from here on.
    await library.remove("lora")
    expect((await library.resolve("tuned")).adapters).toEqual(adapters)
  })

  it("takes adapters by path and by digest, in place of the base's", async () => {
    await importBase()
    const second = buildTinyAdapter({ seed: 9 })
    await upload(second)
    await create("one", "base", { adapters: [await put("lora.gguf", ADAPTER), blob(second)] })
    const paths = [ADAPTER, second].map((bytes) => join(test.paths.blobs, `sha256-${sha(bytes)}`))
    expect((await library.resolve("one")).adapters?.map(({ path }) => path)).toEqual(paths)
    await create("two", "one", { adapters: [blob(second)] })
    expect((await library.resolve("two")).adapters?.map(({ path }) => path)).toEqual(paths.slice(1))
    await create("three", "one")
    expect((await library.resolve("three")).adapters?.map(({ path }) => path)).toEqual(paths)
  })

  it("copies from another program's store, and says so", async () => {
    const blobs: readonly (readonly [string, string | Uint8Array])[] = [
      ["application/vnd.ollama.image.model", MODEL],
      ["application/vnd.ollama.image.system", "theirs"],
      ["application/vnd.ollama.image.template", "{{ .Prompt }}"],
      ["application/vnd.ollama.image.license", "Their licence"],
      ["application/vnd.ollama.image.params", JSON.stringify({ num_ctx: 256, stop: ["x"], num_gpu: 1 })],
    ]
    for (const [, bytes] of blobs) await put(`ollama/blobs/sha256-${sha(bytes)}`, bytes)
    const layers = blobs.map(([mediaType, bytes]) => ({
      mediaType,
      digest: `sha256:${sha(bytes)}`,
      size: bytes.length,
    }))
    await put(
      "ollama/manifests/registry.ollama.ai/library/theirs/latest",
      JSON.stringify({ schemaVersion: 2, layers }),
    )
    const events = await create("ours", "theirs", { sampling: { topK: 1 } })
    expect(events).toContainEqual({
      type: "notice",
      message:
        "theirs:latest belongs to another program's store, which may remove it at any time; its file is copied.",
    })
    await rm(join(outside, "ollama"), { recursive: true })
    expect(await library.resolve("ours")).toMatchObject({
      system: "theirs",
      sampling: { topK: 1 },
      stop: ["x"],
      contextLength: 256,
      licenceText: "Their licence",
    })
  })

  it("leaves a Go template aside, and bounds the context by what the model has", async () => {
    await importBase()
    const events = await create("mine", "base", { template: "{{ .Prompt }}", contextLength: 100_000 })
    expect(events.filter(({ type }) => type === "notice")).toHaveLength(2)
    expect((await library.resolve("mine")).template).toBeUndefined()
  })

  it("refuses by name, and then nothing is there", async () => {
    await importBase()
    await collect(library.importFile(await put("lora.gguf", ADAPTER), "lora", never))
    const before = await readdir(test.paths.blobs)
    const foreign = await put("foreign.gguf", buildTinyAdapter({ shape: "qwen2" }))
    const widen = (tensor: TinyTensor): TinyTensor =>
      tensor.name.endsWith("lora_a") ? { ...tensor, dimensions: [128, 4] } : tensor
    const wide = await put("wide.gguf", buildTinyAdapter({ tensors: (tensors) => tensors.map(widen) }))
    const deep = await put("deep.gguf", buildTinyAdapter({ layers: 2 }))
    const cases: readonly (readonly [Partial<CreateRequest>, string, string])[] = [
      [{ from: "nobody" }, "model-not-found", "no model nobody"],
      [{ from: "smollm2:135m" }, "model-not-found", "not in the library yet"],
      [{ from: "hf:owner/repo" }, "model-not-found", "not in the library yet"],
      [{ from: "./none.gguf" }, "not-found", "no file"],
      [{ from: await put("junk.gguf", "junk") }, "bad-model-file", "junk.gguf"],
      [{ from: await put("lora2.gguf", ADAPTER) }, "bad-model-file", "an adapter and no model"],
      [{ from: "lora" }, "unsupported", "adapter and no model"],
      [{ from: blob(OTHER) }, "not-found", "no uploaded file"],
      [{ from: "blob:sha256-../../x" }, "bad-request", "digest"],
      [{ adapters: [await put("w.gguf", MODEL)] }, "bad-model-file", "a model and no adapter"],
      [{ adapters: [foreign] }, "unsupported", "it is for qwen2, and the base is llama"],
      [{ adapters: [wide] }, "unsupported", "is 128 wide where that of the base is 64"],
      [{ adapters: [deep] }, "unsupported", "the base has no blk.1.attn_q.weight"],
      [{ name: "hf:o/r" }, "bad-reference", "own name"],
      [{ stop: Array.from({ length: 33 }, String) }, "bad-request", "this stop: "],
      [{ stop: [""] }, "bad-request", "this stop.0: "],
      [{ sampling: { topP: 1.5 } }, "bad-request", "this sampling.topP: "],
      [{ contextLength: 63 }, "bad-request", "this contextLength: "],
      [{ system: "s".repeat(MODELFILE_LIMITS.bytes + 1) }, "bad-request", "too much text"],
    ]
    for (const [change, code, words] of cases) {
      const error = await failure(collect(library.create({ name: "mine", from: "base", ...change }, never)))
      expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)])
    }
    expect((await failure(library.resolve("mine"))).code).toBe("model-not-found")
    expect(await readdir(test.paths.blobs)).toEqual(before)
    expect((await readdir(test.paths.downloads)).filter((name) => !name.endsWith(".lock"))).toEqual([])
  })

  it("is not made when the base goes in the meantime", async () => {
    await importBase()
    const now = (): number => {
      // Asked for the manifest, the last thing before it is written.
      rmSync(join(test.paths.blobs, `sha256-${sha(MODEL)}`), { force: true })
      return test.clock.now()
    }
    const racing = test.open({ clock: { ...test.clock, now } })
    const error = await failure(collect(racing.create({ name: "mine", from: "base" }, never)))
    expect([error.code, error.message]).toEqual([
      "model-not-found",
      "base was removed while mine:latest was being made of it.",
    ])
    expect((await library.list()).map(({ name }) => name)).toEqual(["base:latest"])
  })

  it("names the base where its weights are damaged", async () => {
    await importBase()
    await create("mario", "base")
    await rm(join(test.paths.blobs, `sha256-${sha(MODEL)}`))
    expect((await failure(library.resolve("mario"))).hint).toBe(
      "Get it again with: fireside pull base:latest",
    )
  })
})

describe("the Modelfile of a model", () => {
  const remake = async (name: string): Promise<StoredModel> => {
    const { request, notices } = await library.parseModelfile(await library.modelfile(name), {
      name: "again",
    })
    expect(notices).toEqual([])
    await collect(library.create(request, never))
    return library.resolve("again")
  }

  it("makes it again, with and without its base", async () => {
    await importBase()
    await create("mario", "base", {
      ...SETTINGS,
      adapters: [await put("lora.gguf", ADAPTER)],
      licences: ["one\nlicence", "another"],
    })
    const mario = settingsOf(await library.resolve("mario"))
    expect(await library.modelfile("mario")).toContain("\nFROM base:latest\n")
    expect(settingsOf(await remake("mario"))).toEqual(mario)
    await library.remove("base")
    expect(await library.modelfile("mario")).toContain("\nFROM mario:latest\n")
    expect(settingsOf(await remake("mario"))).toEqual(mario)
  })

  it("is made FROM itself where the base says more", async () => {
    await importBase()
    await create("one", "base", SETTINGS)
    await create("two", "one", { system: "", sampling: { seed: 1 } })
    expect(await library.modelfile("two")).toContain("\nFROM two:latest\n")
    expect(settingsOf(await remake("two"))).toEqual(settingsOf(await library.resolve("two")))
  })

  it("of a file, and of base+adapter, says these", async () => {
    await importBase()
    await collect(library.importFile(await put("lora.gguf", ADAPTER), "lora", never))
    expect(await library.modelfile("base+lora")).toContain("\nFROM base+lora\n")
    expect(settingsOf(await remake("base+lora"))).toEqual(settingsOf(await library.resolve("base+lora")))
    const path = await put("w.gguf", OTHER)
    expect(await library.modelfile(path)).toContain(`\nFROM ${path}\n`)
  })
})
