// A model with other weights: what changes in the file, what stays, what is refused.
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type DecodableType, dequantise, openFileSource, readHeader } from "@fireside/gguf"
import { buildTinyAdapter, buildTinyModel, type TinyTensor } from "@fireside/gguf/testing"
import { GGUF_LIMITS } from "@fireside/protocol"
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { failure } from "../testing/failure.ts"
import { collect, never, openTestLibrary, type TestLibrary } from "../testing/test-library.ts"
import { chooseTypes, TARGETS } from "./choose-types.ts"

let outside: string
let test: TestLibrary

beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), "fireside-outside-"))
  test = await openTestLibrary()
})

afterEach(async () => {
  await test[Symbol.asyncDispose]()
  await rm(outside, { recursive: true })
})

async function importModel(bytes: Uint8Array, name = "base"): Promise<void> {
  const path = join(outside, `${name}.gguf`)
  await writeFile(path, bytes)
  await collect(test.library.importFile(path, name, never))
}

const convert = (to: string, name = "copy", from = "base") =>
  collect(test.library.convert({ from, to, name }, never))

/** Of work that has ended; locks are empty files that stay. */
const leftovers = async (): Promise<readonly string[]> =>
  (await readdir(test.paths.downloads)).filter((name) => !name.endsWith(".lock"))

async function tensorsOf(name: string): Promise<Map<string, { type: string; values: Float32Array }>> {
  const { path } = await test.library.resolve(name)
  await using source = await openFileSource(path)
  const header = await readHeader(source, { limits: GGUF_LIMITS })
  const read = header.tensors.map(async ({ name, type, offset, sizeBytes }) => {
    const bytes = await source.read(header.dataOffset + offset, sizeBytes)
    return [name, { type, values: dequantise(type as DecodableType, bytes) }] as const
  })
  return new Map(await Promise.all(read))
}

describe("a converted model", () => {
  it("has the same values within half a step of the new type, and the same norms", async () => {
    await importModel(buildTinyModel({ type: "Q4_1", layers: 2 }))
    await convert("q8_0")
    const before = await tensorsOf("base")
    const after = await tensorsOf("copy")
    expect([...after.keys()]).toEqual([...before.keys()])
    for (const [name, { type, values }] of after) {
      const old = before.get(name)?.values ?? new Float32Array()
      if (type === "F32") expect(values).toEqual(old)
      else expect(type).toBe("Q8_0")
      for (let from = 0; from < values.length; from += 32) {
        const block = old.subarray(from, from + 32)
        // Half a step of 127, and what a scale in half precision loses.
        const allowed = Math.max(...block.map(Math.abs)) * (0.5 / 127 + 2 ** -10)
        const largest = Math.max(
          ...block.map((value, index) => Math.abs((values[from + index] ?? Number.NaN) - value)),
        )
        expect(largest).toBeLessThanOrEqual(allowed)
      }
    }
  })

  it("says of itself what it is, and what it was made of", async () => {
    await importModel(buildTinyModel({ type: "Q4_1" }))
    const events = await convert("Q8_0")
    const { summary, header } = await test.library.resolve("copy")
    expect(summary).toMatchObject({ name: "copy:latest", quantization: "Q8_0", inPlace: false })
    expect(header.metadata.get("general.file_type")?.value).toBe(7)
    expect(events.at(-1)).toEqual({ type: "finish", name: "copy:latest", digest: summary.digest })
    expect(events.some((event) => event.type === "progress" && event.doneBytes > 0)).toBe(true)
    expect(await test.library.verify("copy", never)).toMatchObject({ ok: true })
    expect((await test.library.resolve("base")).summary.quantization).toBe("Q4_1")
    expect(await leftovers()).toEqual([])
  })

  it("keeps the settings of its original", async () => {
    await importModel(buildTinyModel({ type: "Q5_1" }), "plain")
    await collect(
      test.library.create(
        { name: "base", from: "plain", system: "Be brief.", sampling: { temperature: 0.1 } },
        never,
      ),
    )
    await convert("q8_0")
    expect(await test.library.resolve("copy")).toMatchObject({
      system: "Be brief.",
      sampling: { temperature: 0.1 },
    })
  })

  it("leaves nothing when it is stopped", async () => {
    await importModel(buildTinyModel({ type: "Q4_1" }))
    const controller = new AbortController()
    const run = async (): Promise<void> => {
      const events = test.library.convert({ from: "base", to: "q8_0", name: "copy" }, controller.signal)
      for await (const event of events) if (event.type === "status") controller.abort(new Error("stop"))
    }
    await expect(run()).rejects.toThrow("stop")
    expect(await leftovers()).toEqual([])
    expect((await test.library.list()).map(({ name }) => name)).toEqual(["base:latest"])
  })
})

describe("what is refused", () => {
  it("a type that there is not, with those that there are", async () => {
    await importModel(buildTinyModel({ type: "Q4_1" }))
    const error = await failure(convert("q9"))
    expect(error).toMatchObject({ code: "bad-request", details: { known: Object.keys(TARGETS) } })
    expect(error.hint).toContain("q8_0")
  })

  it("a type that it has already", async () => {
    await importModel(buildTinyModel({ type: "Q8_0" }))
    expect(await failure(convert("q8_0"))).toMatchObject({
      code: "unsupported",
      message: "Nothing would change: the model's weights are Q8_0 already.",
    })
  })

  it("a disk without room, with its numbers", async () => {
    const diskSpace = async () => ({ freeBytes: 1_000, totalBytes: 10_000 })
    await importModel(buildTinyModel({ type: "Q4_1" }))
    const events = test.open({ diskSpace }).convert({ from: "base", to: "q8_0", name: "copy" }, never)
    const error = await failure(collect(events))
    expect(error).toMatchObject({ code: "disk-full", details: { freeBytes: 1_000 } })
    expect(error.message).toContain("1000 bytes free")
  })

  it("a model with an adapter that was made for its weights", async () => {
    await importModel(buildTinyModel({ type: "Q4_1" }), "plain")
    const adapter = join(outside, "adapter.gguf")
    await writeFile(adapter, buildTinyAdapter({}))
    await collect(test.library.create({ name: "base", from: "plain", adapters: [adapter] }, never))
    expect(await failure(convert("q8_0"))).toMatchObject({ code: "unsupported", details: { adapters: 1 } })
  })

  it("the name of the original, and a model that is not there", async () => {
    await importModel(buildTinyModel({ type: "Q4_1" }))
    expect(await failure(convert("q8_0", "base"))).toMatchObject({ code: "bad-request" })
    expect(await failure(convert("q8_0", "copy", "nothing"))).toMatchObject({ code: "model-not-found" })
  })

  it("weights that cannot be read, by name", () => {
    const tensor = (name: string, type: string): Parameters<typeof chooseTypes>[0][number] => ({
      name,
      type,
      dimensions: [256, 4],
      offset: 0,
      sizeBytes: 1_024,
      infoOffset: 0,
    })
    expect(() => chooseTypes([tensor("blk.0.ffn_up.weight", "IQ4_XS")], TARGETS.q8_0)).toThrow(
      "The tensor blk.0.ffn_up.weight has the type IQ4_XS, which Fireside cannot read.",
    )
  })
})

describe("which tensors change", () => {
  const names = [
    "blk.0.attn_q.weight",
    "token_embd.weight",
    "blk.0.ffn_gate_inp.weight",
    "blk.0.attn_norm.weight",
  ]
  const types = ["F32", "F16", "BF16", "Q8_0", "Q5_0", "Q4_1", "Q6_K", "Q4_K"]

  it("none becomes coarser but those of the main type; norms and routers never change", () => {
    const tensors = fc.array(
      fc.record({ name: fc.constantFrom(...names), type: fc.constantFrom(...types), rows: fc.nat(8) }),
      { minLength: 1, maxLength: 8 },
    )
    const targets = fc.constantFrom(...Object.values(TARGETS))
    fc.assert(
      fc.property(tensors, targets, (list, target) => {
        const described = list.map(({ name, type, rows }, index) => ({
          name: `${index}.${name}`,
          type,
          dimensions: [256, rows + 1],
          offset: 0,
          sizeBytes: (rows + 1) * 1_000,
          infoOffset: 0,
        }))
        const bytes = new Map<string, number>()
        for (const { type, sizeBytes } of described) bytes.set(type, (bytes.get(type) ?? 0) + sizeBytes)
        let chosen: ReturnType<typeof chooseTypes>
        try {
          chosen = chooseTypes(described, target)
        } catch {
          return
        }
        for (const { tensor, change } of chosen) {
          if (change === undefined) continue
          expect(tensor.name).not.toMatch(/norm|gate_inp/)
          expect(change.to).toBe(target.type)
          const most = Math.max(...bytes.values())
          if (bytes.get(tensor.type) !== most)
            expect(widths[change.to]).toBeGreaterThanOrEqual(widths[tensor.type]!)
        }
      }),
    )
  })

  const widths: Readonly<Record<string, number>> = {
    F32: 32,
    F16: 16,
    BF16: 16,
    Q8_0: 8.5,
    Q6_K: 6.56,
    Q5_1: 6,
    Q5_0: 5.5,
    Q4_1: 5,
    Q4_0: 4.5,
    Q4_K: 4.5,
  }

  it("rows that are no whole blocks of the new type stay", () => {
    const odd: TinyTensor = { name: "odd.weight", dimensions: [33, 2], type: "F16" }
    const even: TinyTensor = { name: "even.weight", dimensions: [64, 2], type: "F16" }
    const described = [odd, even].map((tensor) => ({ ...tensor, offset: 0, sizeBytes: 100, infoOffset: 0 }))
    expect(chooseTypes(described, TARGETS.q8_0).map(({ change }) => change?.to)).toEqual([undefined, "Q8_0"])
  })
})
