// The library without a network: names, stores of other programs, import, copy, remove, verify.
import { createHash } from "node:crypto"
import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { buildTinyAdapter, buildTinyModel } from "@fireside/gguf/testing"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Library } from "./library.ts"
import { failure } from "./testing/failure.ts"
import { serveHub } from "./testing/serve-hub.ts"
import { collect, never, openTestLibrary, type TestLibrary } from "./testing/test-library.ts"

const MODEL = buildTinyModel({ type: "Q4_0" })
const OTHER = buildTinyModel({ type: "Q8_0", seed: 2 })
const ADAPTER = buildTinyAdapter({})
const sha = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")

let outside: string
let test: TestLibrary
let library: Library

beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), "fireside-outside-"))
  test = await openTestLibrary({
    settings: {
      ollamaModels: join(outside, "ollama"),
      lmStudioModels: join(outside, "lmstudio"),
      hubCache: join(outside, "hub"),
      llamaCppCache: join(outside, "llama.cpp"),
    },
  })
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

const importModel = async (name: string, bytes: Uint8Array = MODEL): Promise<void> => {
  await collect(library.importFile(await put("mine.gguf", bytes), name, never))
}

describe("import", () => {
  it("keeps a copy under the name", async () => {
    const path = await put("mine.gguf", MODEL)
    const events = await collect(library.importFile(path, "mine", never))
    expect(events.at(-1)).toEqual({ type: "finish", name: "mine:latest", digest: `sha256:${sha(MODEL)}` })
    await rm(path)
    const model = await library.resolve("mine")
    expect(model.summary).toMatchObject({
      name: "mine:latest",
      format: "gguf",
      architecture: "llama",
      quantization: "Q4_0",
      contextLength: 2_048,
      inPlace: false,
      sizeBytes: MODEL.length,
    })
    expect(model.header.tensors.length).toBeGreaterThan(0)
    expect(await readdir(test.paths.downloads)).toEqual(["local+library+mine+latest.lock"])
  })

  it("refuses what is not a regular model file, by its rule", async () => {
    await symlink("/etc/passwd", join(outside, "link.gguf"))
    await mkdir(join(outside, "folder.gguf"))
    const sparse = await put("sparse.gguf", "")
    await truncate(sparse, 1024 ** 4)
    const cases: readonly (readonly [string, string])[] = [
      [join(outside, "link.gguf"), "symbolic-link"],
      [join(outside, "folder.gguf"), "not-a-regular-file"],
      ["/dev/zero", "not-a-regular-file"],
      [sparse, "not-gguf"],
      [await put("empty.gguf", ""), "empty-file"],
      [await put("picture.gguf", "\x89PNG\r\n"), "not-gguf"],
    ]
    for (const [path, rule] of cases) {
      const error = await failure(collect(library.importFile(path, "mine", never)))
      expect([path, error.code, error.details.rule]).toEqual([path, "bad-model-file", rule])
    }
    expect(await readdir(test.paths.blobs)).toEqual([])
    expect((await failure(collect(library.importFile(join(outside, "none"), "mine", never)))).code).toBe(
      "not-found",
    )
  })

  it("refuses names that are not a model's own", async () => {
    for (const name of ["hf:o/r", "./x.gguf", "a+b", "pip:x"])
      expect((await failure(collect(library.importFile(await put("m.gguf", MODEL), name, never)))).code).toBe(
        "bad-reference",
      )
  })
})

describe("names", () => {
  it("without a tag mean latest, in any case of letters", async () => {
    await importModel("Mine")
    expect((await library.resolve("mine:LATEST")).summary.name).toBe("Mine:latest")
    expect((await failure(library.resolve("mine:other"))).code).toBe("model-not-found")
  })

  it("with a digest mean that file only", async () => {
    await importModel("mine")
    expect((await library.resolve(`mine@sha256:${sha(MODEL)}`)).summary.name).toBe("mine:latest")
    expect((await failure(library.resolve(`mine@sha256:${sha("x")}`))).code).toBe("model-not-found")
  })

  it("close to a known one are told, exit 1", async () => {
    const error = await failure(library.resolve("smolml2:135m"))
    expect(error.code).toBe("model-not-found")
    expect(error.details.close).toContain("smollm2:135m")
    expect(error.hint).toContain("smollm2:135m")
  })

  it("of the catalogue that are not here say how to get them", async () => {
    expect((await failure(library.resolve("smollm2:135m"))).hint).toBe(
      "Get it with: fireside pull smollm2:135m",
    )
  })

  it("that are paths are read where they are, through links too", async () => {
    const path = await put("a b/mine.gguf", MODEL)
    await symlink(path, join(outside, "l.gguf"))
    const model = await library.resolve(join(outside, "l.gguf"))
    expect(model.summary).toMatchObject({ inPlace: true, digest: "", architecture: "llama" })
    expect((await failure(library.resolve(join(outside, "none.gguf")))).code).toBe("not-found")
  })

  it("with + add adapters", async () => {
    await importModel("base")
    await importModel("lora", ADAPTER)
    const model = await library.resolve("base+lora")
    expect(model.summary.name).toBe("base+lora")
    expect(model.adapters).toEqual([{ path: join(test.paths.blobs, `sha256-${sha(ADAPTER)}`), scale: 1 }])
    const file = await put("x.gguf", ADAPTER)
    expect((await library.resolve(`base+${file}`)).adapters).toEqual([{ path: file, scale: 1 }])
    expect((await failure(library.resolve("base+base"))).code).toBe("bad-reference")
    expect((await failure(library.resolve("lora"))).code).toBe("unsupported")
    expect((await library.list()).map(({ name }) => name)).toEqual(["base:latest", "lora:latest"])
  })
})

describe("copy and remove", () => {
  it("share the blob, which goes with its last name", async () => {
    await importModel("mine")
    await library.copy("mine", "gpt-4o-mini")
    expect((await library.resolve("gpt-4o-mini")).summary.digest).toBe(`sha256:${sha(MODEL)}`)
    expect(await library.remove("mine")).toEqual({ freedBytes: 0 })
    expect(await library.remove("gpt-4o-mini:latest")).toEqual({ freedBytes: MODEL.length })
    expect(await readdir(test.paths.blobs)).toEqual([])
    expect((await failure(library.remove("mine"))).code).toBe("model-not-found")
  })

  it("over an existing name free what that stood for", async () => {
    await importModel("one")
    await importModel("two", OTHER)
    await library.copy("one", "two")
    expect(await readdir(test.paths.blobs)).toEqual([`sha256-${sha(MODEL)}`])
  })
})

describe("a damaged manifest", () => {
  it.each([
    "junk",
    "{}",
    '{"version":1}',
    JSON.stringify({
      version: 1,
      name: "x",
      source: "y",
      blobs: [{ role: "weights", sizeBytes: 1, sha256: "../../x" }],
      facts: {},
      licence: {},
    }),
  ])("is listed with its problem, others work: %s", async (junk) => {
    await importModel("good")
    await importModel("bad", OTHER)
    await writeFile(join(test.paths.manifests, "local/library/bad/latest.json"), junk)
    const list = await library.list()
    expect(list.map(({ name, problem }) => [name, problem === undefined])).toEqual([
      ["bad:latest", false],
      ["good:latest", true],
    ])
    expect((await library.resolve("good")).summary.name).toBe("good:latest")
    expect((await failure(library.resolve("bad"))).code).toBe("corrupt-data")
    await library.remove("bad")
    expect((await library.list()).map(({ name }) => name)).toEqual(["good:latest"])
  })

  it("keeps the blobs that it mentions", async () => {
    await importModel("good")
    await library.copy("good", "bad")
    await writeFile(join(test.paths.manifests, "local/library/bad/latest.json"), `junk ${sha(MODEL)} junk`)
    expect(await library.remove("good")).toEqual({ freedBytes: 0 })
  })
})

describe("stores of other programs", () => {
  async function putOllama(): Promise<void> {
    const params = '{"stop":["<end>"],"temperature":0.3,"num_ctx":4096,"top_k":"many"}'
    const layers = [
      ["model", MODEL],
      ["system", "Be short."],
      ["template", "{{ if .System }}{{ .System }}{{ end }}{{ .Prompt }}"],
      ["params", params],
      ["license", "MIT License"],
    ] as const
    const described = []
    for (const [kind, bytes] of layers) {
      const digest = sha(bytes)
      await put(`ollama/blobs/sha256-${digest}`, bytes)
      described.push({
        mediaType: `application/vnd.ollama.image.${kind}`,
        digest: `sha256:${digest}`,
        size: bytes.length,
      })
    }
    await put("ollama/manifests/registry.ollama.ai/library/tiny/1b", JSON.stringify({ layers: described }))
    await put("ollama/manifests/registry.ollama.ai/library/tiny/junk", "{")
    await put("ollama/manifests/registry.ollama.ai/me/own/latest", JSON.stringify({ layers: described }))
  }

  it("Ollama's: with settings, never copied", async () => {
    await putOllama()
    const model = await library.resolve("tiny:1b")
    expect(model).toMatchObject({
      path: join(outside, `ollama/blobs/sha256-${sha(MODEL)}`),
      system: "Be short.",
      stop: ["<end>"],
      sampling: { temperature: 0.3 },
      licenceText: "MIT License",
      summary: { name: "tiny:1b", inPlace: true, digest: `sha256:${sha(MODEL)}` },
    })
    // Go's template language is not the engine's: the file's own template is used.
    expect(model.template).toBeUndefined()
    expect((await library.list()).map(({ name }) => name)).toEqual(["me/own:latest", "tiny:1b"])
    expect((await library.resolve("ollama:tiny:1b")).summary.name).toBe("tiny:1b")
    expect((await library.resolve("tiny")).summary.name).toBe("tiny:1b")
    expect(await readdir(test.paths.blobs)).toEqual([])
    expect(await library.verify("tiny:1b", never)).toMatchObject({ ok: true })
  })

  it("are changed neither by rm nor by cp", async () => {
    await putOllama()
    expect((await failure(library.remove("tiny:1b"))).code).toBe("unsupported")
    expect((await failure(library.copy("tiny:1b", "mine"))).hint).toContain("fireside import")
    expect((await library.resolve("tiny:1b")).summary.name).toBe("tiny:1b")
  })

  it("LM Studio's, the hub's and llama.cpp's", async () => {
    await put("lmstudio/pub/Tiny-GGUF/Tiny-Q4_0.gguf", MODEL)
    await put("lmstudio/pub/Tiny-GGUF/mmproj-F16.gguf", MODEL)
    const blob = await put("hub/models--o--r/blobs/abc", OTHER)
    await mkdir(join(outside, "hub/models--o--r/snapshots/rev1"), { recursive: true })
    await symlink(blob, join(outside, "hub/models--o--r/snapshots/rev1/r-Q8_0.gguf"))
    await put("llama.cpp/o_r_tiny-Q4_0.gguf", MODEL)
    const list = await library.list()
    expect(list.map(({ name, inPlace, problem }) => [name, inPlace, problem])).toEqual([
      ["hf:o/r:Q8_0", true, undefined],
      ["llama.cpp/o_r_tiny-Q4_0:latest", true, undefined],
      ["pub/Tiny-GGUF:Q4_0", true, undefined],
    ])
    for (const name of ["hf:o/r", "hf:o/r/r-Q8_0.gguf", "pub/tiny-gguf", "llama.cpp/o_r_tiny-Q4_0"])
      expect((await library.resolve(name)).summary.inPlace).toBe(true)
  })

  it("links that lead out of a store are not followed", async () => {
    const secret = await put("secret.gguf", MODEL)
    await mkdir(join(outside, "lmstudio/pub/x"), { recursive: true })
    await symlink(secret, join(outside, "lmstudio/pub/x/x-Q4_0.gguf"))
    expect(await library.list()).toEqual([])
  })

  it("broken files are listed with their problem", async () => {
    await put("llama.cpp/broken.gguf", MODEL.subarray(0, 5_000))
    await put("llama.cpp/good.gguf", MODEL)
    expect((await library.list()).map(({ name, problem }) => [name, problem === undefined])).toEqual([
      ["llama.cpp/broken:latest", false],
      ["llama.cpp/good:latest", true],
    ])
  })

  it("are hidden by a name of ours", async () => {
    await putOllama()
    await importModel("tiny:1b", OTHER)
    expect((await library.list()).map(({ name }) => name)).toEqual(["tiny:1b", "me/own:latest"])
    expect((await library.resolve("tiny:1b")).summary.inPlace).toBe(false)
  })
})

describe("search", () => {
  it("asks the hub only when it is told to", async () => {
    const remote = test.open({ settings: { hfEndpoint: test.server.origin } })
    serveHub(test.server, { id: "o/r", files: {} })
    test.server.content.set("/api/models", {
      json: [{ id: "o/Tiny-1.5B-GGUF", tags: ["gguf", "license:mit", "en"] }, { id: "../evil" }, 7],
    })
    expect(await remote.search("qwen2.5:0.5b", { remote: false }, never)).toHaveLength(1)
    expect(test.server.requests).toEqual([])
    const found = await remote.search("nothing here", { remote: true }, never)
    expect(found).toMatchObject([
      {
        name: "hf:o/Tiny-1.5B-GGUF",
        parameters: 1.5e9,
        licence: { name: "MIT", permissive: true },
        languages: ["en"],
      },
    ])
    expect(test.server.requests[0]?.path).toContain("search=nothing+here")
  })
})
