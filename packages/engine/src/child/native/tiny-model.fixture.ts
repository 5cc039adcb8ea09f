// The library and a tiny model in this very process, for tests of the native layer.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buildTinyModel } from "@fireside/gguf/testing"
import type { NativeContext } from "./context.ts"
import { loadLibrary, type NativeLibrary } from "./library.ts"
import { locateLibraries } from "./library-folder.ts"
import { loadModel, type NativeModel } from "./model.ts"

export interface TinyNative {
  readonly library: NativeLibrary
  readonly model: NativeModel
}

/** Once in a process: koffi's struct names are global to it. */
export function loadTinyNative(): TinyNative {
  const library = loadLibrary(locateLibraries())
  const folder = mkdtempSync(join(tmpdir(), "fireside-native-"))
  try {
    const path = join(folder, "tiny.gguf")
    writeFileSync(path, buildTinyModel({ layers: 4, type: "Q8_0" }))
    return { library, model: loadModel(library, { path, useMmap: false, gpuLayers: 0 }) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A batch of these tokens; returns the last row, the only one that wants logits. */
export function fillBatch(
  context: NativeContext,
  tokens: readonly number[],
  { from = 0, sequence = 0 }: { readonly from?: number; readonly sequence?: number } = {},
): number {
  context.clear()
  let row = -1
  for (const [index, token] of tokens.entries())
    row = context.addRow(token, from + index, sequence, index === tokens.length - 1)
  return row
}
