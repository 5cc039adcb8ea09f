// Loads the native libraries once, checks that they have the layout that `abi.ts` says, and starts the backends.

import { AppError, type ComputeDevice } from "@fireside/protocol"
import koffi from "koffi"
import {
  type Address,
  defineTypes,
  functionsOf,
  type LibraryName,
  LLAMA_VERSION,
  SENTINELS,
  STRUCT_SIZES,
  type TensorPointer,
} from "./abi.ts"
import type { LlamaFunctions } from "./functions.ts"
import { glibcProblem, type LibraryFolder, libraryFile, readGlibcVersion } from "./library-folder.ts"

/** Log levels of ggml. */
const LEVEL_ERROR = 4
const LOG_LINES_KEPT = 20
const LOG_LINE_LENGTH = 500

export interface NativeLibrary {
  readonly functions: LlamaFunctions
  readonly version: string
  readonly build: string
  /** `CPU` with its features, as the library tells it. */
  readonly systemInfo: string
  readonly devices: readonly ComputeDevice[]
  /** What the user should know: a build for a GPU that sees none, … */
  readonly notices: readonly string[]
  /** Calls `work` and gives the errors that the library logged meanwhile. Only for calls on this thread. */
  collectErrors<T>(work: () => T): { readonly result: T; readonly errors: readonly string[] }
  /** A C callback. `release` it when nothing can call it any more. */
  registerProgress(listener: (progress: number) => boolean): RegisteredCallback
  registerAbort(listener: () => boolean): RegisteredCallback
  /** For each node of a graph: see `ContextOptions.onNode`. */
  registerEval(listener: (tensor: TensorPointer, isAsked: boolean) => boolean): RegisteredCallback
}

export interface RegisteredCallback {
  readonly address: Address
  release(): void
}

/** Throws `engine-missing` when the library cannot be loaded or is not the version that this program was made for. */
export function loadLibrary(location: LibraryFolder): NativeLibrary {
  const types = defineTypes()
  const { functions, quiet } = bind(location)
  functions.llama_log_set(quiet, null)
  guardLayout(functions)
  // ggml chooses the best CPU variant and every GPU backend of the folder by itself.
  functions.ggml_backend_load_all_from_path(location.folder)
  functions.llama_backend_init()
  const devices = readDevices(functions)
  return {
    functions,
    version: functions.llama_version(),
    build: location.build,
    systemInfo: functions.llama_print_system_info(),
    devices,
    notices: noticesOf(location, devices),
    collectErrors: (work) => {
      const errors: string[] = []
      // A callback from another thread would wait for ever while this one is inside a call, so this is only for calls
      // that log from here; at all other times the log goes to a native function without effect.
      const listener = (level: number, text: string) => {
        if (level === LEVEL_ERROR && errors.length < LOG_LINES_KEPT)
          errors.push(text.trim().slice(0, LOG_LINE_LENGTH))
      }
      const address = koffi.register(listener, koffi.pointer(types.logCallback))
      functions.llama_log_set(address, null)
      try {
        return { result: work(), errors }
      } finally {
        functions.llama_log_set(quiet, null)
        koffi.unregister(address)
      }
    },
    registerProgress: (listener) =>
      registered(
        koffi.register((progress: number) => listener(progress), koffi.pointer(types.progressCallback)),
      ),
    registerAbort: (listener) =>
      registered(koffi.register(() => listener(), koffi.pointer(types.abortCallback))),
    registerEval: (listener) =>
      registered(
        koffi.register(
          (tensor: TensorPointer, isAsked: boolean) => listener(tensor, isAsked),
          koffi.pointer(types.evalCallback),
        ),
      ),
  }
}

function registered(address: Address): RegisteredCallback {
  return { address, release: () => koffi.unregister(address) }
}

function bind(location: LibraryFolder): { functions: LlamaFunctions; quiet: Address } {
  const table: Record<string, unknown> = {}
  // In order of dependency and by full path: the later ones then find the earlier ones by name.
  const order: readonly LibraryName[] = ["ggml-base", "ggml", "llama"]
  let quiet: Address | null = null
  for (const name of order) {
    const file = libraryFile(location.folder, name)
    try {
      const library = koffi.load(file)
      for (const { name: symbol, prototype } of functionsOf(name)) table[symbol] = library.func(prototype)
      // Any function without effect serves as a silent log: extra arguments are ignored by the calling conventions in use.
      if (name === "llama") quiet = library.symbol("llama_max_parallel_sequences")
    } catch (cause) {
      const problem = process.platform === "linux" ? glibcProblem(readGlibcVersion()) : null
      if (problem !== null) throw problem
      throw new AppError("engine-missing", {
        message: `The library ${file} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
        hint: "Install the platform's package of llama.cpp again, or run `fireside doctor`.",
        cause,
      })
    }
  }
  if (quiet === null) throw new Error("the llama library was not loaded")
  // The test `test/native/abi-headers.test.ts` compares prototypes and argument counts with the headers.
  return { functions: table as unknown as LlamaFunctions, quiet }
}

/** Refuses a library with another layout: calling it would corrupt memory in place of failing. */
function guardLayout(functions: LlamaFunctions): void {
  const drift = findDrift(functions, (name) => koffi.sizeof(name))
  if (drift.length === 0) return
  throw new AppError("engine-missing", {
    message: `The llama library does not match this program: ${drift.slice(0, 3).join("; ")}.`,
    hint: "Install the packages that this version names, or point FIRESIDE_LLAMA_DIR at llama.cpp v0.5.0.",
    details: { drift },
  })
}

type LayoutFunctions = Pick<
  LlamaFunctions,
  | "llama_version"
  | "llama_model_default_params"
  | "llama_context_default_params"
  | "ggml_threadpool_params_default"
>

/** Where a library differs from what `abi.ts` says. Asks for default values only when version and sizes are right. */
export function findDrift(functions: LayoutFunctions, sizeOf: (struct: string) => number): readonly string[] {
  const drift: string[] = []
  const version = functions.llama_version()
  if (!LLAMA_VERSION.test(version)) drift.push(`version ${version}, expected 0.5.0`)
  for (const [name, size] of Object.entries(STRUCT_SIZES))
    if (sizeOf(name) !== size) drift.push(`${name} has ${sizeOf(name)} bytes, expected ${size}`)
  if (drift.length > 0) return drift
  const { n_threads } = SENTINELS.ggml_threadpool_params
  const defaults = {
    llama_model_params: functions.llama_model_default_params(),
    llama_context_params: functions.llama_context_default_params(),
    ggml_threadpool_params: functions.ggml_threadpool_params_default(n_threads),
  }
  for (const [name, actual] of Object.entries(defaults)) {
    const values = new Map<string, unknown>(Object.entries(actual))
    // `defaults` has exactly the names of SENTINELS.
    for (const [field, expected] of Object.entries(SENTINELS[name as keyof typeof SENTINELS]))
      if (values.get(field) !== expected)
        drift.push(`${name}.${field} is ${values.get(field)}, expected ${expected}`)
  }
  return drift
}

const DEVICE_KINDS: readonly ComputeDevice["kind"][] = ["cpu", "gpu", "gpu", "accelerator", "accelerator"]

function readDevices(functions: LlamaFunctions): readonly ComputeDevice[] {
  const free = new BigUint64Array(1)
  const total = new BigUint64Array(1)
  return Array.from({ length: functions.ggml_backend_dev_count() }, (_, index) => {
    const device = functions.ggml_backend_dev_get(index)
    functions.ggml_backend_dev_memory(device, free, total)
    return {
      name: functions.ggml_backend_dev_name(device),
      description: functions.ggml_backend_dev_description(device),
      kind: DEVICE_KINDS[functions.ggml_backend_dev_type(device)] ?? "accelerator",
      memoryBytes: Number(total[0]),
      freeMemoryBytes: Number(free[0]),
    }
  })
}

function noticesOf(location: LibraryFolder, devices: readonly ComputeDevice[]): readonly string[] {
  const forGpu = /-(cuda|vulkan|metal)$/.exec(location.build)?.[1]
  if (forGpu === undefined || devices.some((device) => device.kind === "gpu")) return []
  return [`The ${forGpu} build of llama.cpp sees no GPU here; the model runs on the processor.`]
}
