// Our picture of the C interface against the real headers: structs field by field, functions by their arguments and results.
// A new version of the libraries begins with making this test pass.
import { beforeAll, describe, expect, test } from "vitest"
import {
  functionsOf,
  type LibraryName,
  STRUCT_SIZES,
  STRUCTS,
  type StructName,
} from "../../packages/engine/src/child/native/abi.ts"
import { cacheFolder, type LlamaHeaders, obtainLlamaHeaders } from "./llama-headers.ts"
import { countArguments, readStruct, returnType } from "./read-c-header.ts"

let headers: LlamaHeaders
const fetchHeaders = () => {
  headers = obtainLlamaHeaders(cacheFolder())
}
beforeAll(fetchHeaders, 180_000)

const HEADER_OF: Readonly<Record<StructName, keyof LlamaHeaders>> = {
  llama_model_params: "llama.h",
  llama_context_params: "llama.h",
  llama_batch: "llama.h",
  llama_sampler_chain_params: "llama.h",
  ggml_threadpool_params: "ggml.h",
}
const OUR_SIZES: Readonly<Record<string, number>> = {
  bool: 1,
  int: 4,
  int32_t: 4,
  uint32_t: 4,
  float: 4,
  size_t: 8,
  "void *": 8,
}

describe("structs", () => {
  test.each(Object.keys(STRUCTS) as StructName[])("%s", (name) => {
    const real = readStruct(headers[HEADER_OF[name]], name)
    expect(layoutOf(STRUCTS[name])).toEqual(real.fields)
    expect(STRUCT_SIZES[name]).toBe(real.sizeBytes)
  })
})

describe("functions", () => {
  const libraries: readonly LibraryName[] = ["llama", "ggml", "ggml-base"]
  test.each(libraries)("%s", (library) => {
    const text = Object.values(headers).join("\n")
    const ours = functionsOf(library).map(({ name, argumentCount, prototype }) => ({
      name,
      argumentCount,
      result: prototype.slice(0, prototype.indexOf(name)).trim(),
    }))
    const real = ours.map(({ name }) => ({
      name,
      argumentCount: countArguments(text, name),
      result: inOurWords(returnType(text, name)),
    }))
    expect(ours).toEqual(real)
  })

  test("those that are fetched by address have one argument", () => {
    expect(countArguments(headers["ggml-cpu.h"], "ggml_threadpool_new")).toBe(1)
    expect(countArguments(headers["ggml-cpu.h"], "ggml_threadpool_free")).toBe(1)
  })
})

test("a header that differs is noticed", () => {
  const changed = headers["llama.h"].replace("uint32_t n_batch; ", "uint64_t n_extra; uint32_t n_batch; ")
  expect(() => readStruct(changed, "llama_context_params")).toThrow("unknown size")
  const swapped = headers["llama.h"].replace("bool embeddings; ", "size_t embeddings; ")
  expect(readStruct(swapped, "llama_context_params").fields).not.toEqual(
    layoutOf(STRUCTS.llama_context_params),
  )
  expect(countArguments(headers["llama.h"], "llama_no_such_function")).toBeNull()
})

function layoutOf(struct: Readonly<Record<string, string>>) {
  let offset = 0
  return Object.entries(struct).map(([name, type]) => {
    const [, item = "", count = "1"] = /^(.+?)(?:\[(\d+)\])?$/.exec(type) ?? []
    const itemBytes = OUR_SIZES[item] ?? Number.NaN
    offset = Math.ceil(offset / itemBytes) * itemBytes
    const field = { name, offset, sizeBytes: itemBytes * Number(count) }
    offset += field.sizeBytes
    return field
  })
}

/** The headers' result types, as our prototypes write them. */
function inOurWords(type: string | null): string | null {
  if (type === null) return null
  if (type === "const char *") return type
  const plain = type.replace(/^(?:(?:const|struct|enum) )*/, "")
  if (plain.endsWith("*") || /^(ggml_backend_reg_t|ggml_backend_dev_t|llama_memory_t)$/.test(plain))
    return "void *"
  if (/^(llama_token|llama_pos)$/.test(plain)) return "int32_t"
  if (/^(llama_pooling_type|llama_vocab_type|ggml_backend_dev_type)$/.test(plain)) return "int"
  return plain
}
