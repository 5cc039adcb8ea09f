// LoRA adapters of one model: each file is loaded once, and a context is switched between sets of them.
import { AppError } from "@fireside/protocol"
import type { AdapterPointer } from "./abi.ts"
import type { NativeLibrary } from "./library.ts"
import type { NativeModel } from "./model.ts"

export interface AdapterSet {
  /** Equal for equal sets. */
  readonly key: string
  readonly pointers: readonly AdapterPointer[]
  readonly scales: readonly number[]
}

/** No adapter: the base model. */
export const NO_ADAPTERS: AdapterSet = Object.freeze({ key: "", pointers: [], scales: [] })

export interface AdapterShelf {
  /** Loads what is not loaded. Throws `load-failed`. */
  open(uses: readonly { readonly path: string; readonly scale: number }[]): AdapterSet
}

export function createAdapterShelf(library: NativeLibrary, model: NativeModel): AdapterShelf {
  const { functions } = library
  const loaded = new Map<string, AdapterPointer>()
  const load = (path: string): AdapterPointer => {
    const known = loaded.get(path)
    if (known !== undefined) return known
    const { result, errors } = library.collectErrors(() =>
      functions.llama_adapter_lora_init(model.pointer, path),
    )
    if (result === null)
      throw new AppError("load-failed", {
        message: `The adapter ${path} cannot be used with this model: ${errors.at(-1) ?? "the library gives no reason"}`,
        hint: "An adapter fits only the model that it was trained on.",
        details: { log: errors },
      })
    loaded.set(path, result)
    return result
  }
  return {
    open: (uses) => {
      const active = uses.filter((use) => use.scale !== 0)
      if (active.length === 0) return NO_ADAPTERS
      const pointers = active.map((use) => load(use.path))
      const scales = active.map((use) => use.scale)
      return {
        key: pointers.map((pointer, index) => `${pointer}×${scales[index]}`).join(" "),
        pointers,
        scales,
      }
    },
  }
}
