import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { openFileSource, readHeader, validateAdapter } from "../../../packages/gguf/src/index.ts"
import { buildTinyModel } from "../../../packages/gguf/src/testing.ts"
import { GGUF_LIMITS } from "../../../packages/protocol/src/index.ts"
import { writeRandomAdapter } from "./random-adapter.ts"

test("an adapter that fits its model, and another one from another seed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fireside-bench-"))
  const modelPath = join(folder, "model.gguf")
  await writeFile(modelPath, buildTinyModel({ layers: 2 }))
  const paths = [1, 2].map((seed) => join(folder, `${seed}.gguf`))
  for (const [at, path] of paths.entries()) await writeRandomAdapter({ modelPath, path, seed: at, rank: 4 })
  const [path = ""] = paths
  await using source = await openFileSource(path)
  const header = validateAdapter(await readHeader(source, { limits: GGUF_LIMITS }), { limits: GGUF_LIMITS })
  const shapes = header.tensors.map(({ name, dimensions }) => `${name} ${dimensions.join("×")}`)
  expect(shapes).toHaveLength(8)
  expect(shapes.slice(0, 4)).toMatchInlineSnapshot(`
    [
      "blk.0.attn_q.weight.lora_a 64×4",
      "blk.0.attn_q.weight.lora_b 4×64",
      "blk.0.attn_v.weight.lora_a 64×4",
      "blk.0.attn_v.weight.lora_b 4×32",
    ]
  `)
  const [one, other] = await Promise.all(paths.map((it) => readFile(it)))
  expect(one?.length).toBe(other?.length)
  expect(one?.equals(other ?? Buffer.alloc(0))).toBe(false)
  await rm(folder, { recursive: true })
})
