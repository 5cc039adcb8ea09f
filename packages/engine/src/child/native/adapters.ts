// LoRA adapters of one model: each file is loaded once, and a context is switched between sets of them.
import { AppError } from "@fireside/protocol"
import type { AdapterPointer } from "./abi.ts"
import type { NativeContext } from "./context.ts"
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
  /** Makes a context compute with exactly this set. */
  apply(context: NativeContext, set: AdapterSet): void
}

export function createAdapterShelf(library: NativeLibrary, model: NativeModel): AdapterShelf {
  const { functions } = library
  const loaded = new Map<string, AdapterPointer>()
  const current = new WeakMap<NativeContext, string>()
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
    apply: (context, set) => {
      if ((current.get(context) ?? "") === set.key) return
      // An empty array has no address to give: one unused element stands in for it.
      const pointers = BigUint64Array.from(set.pointers.length === 0 ? [0n] : set.pointers)
      const scales = Float32Array.from(set.scales.length === 0 ? [0] : set.scales)
      const code = functions.llama_set_adapters_lora(context.pointer, pointers, set.pointers.length, scales)
      if (code !== 0) throw new Error(`llama_set_adapters_lora returned ${code}`)
      current.set(context, set.key)
    },
  }
}
