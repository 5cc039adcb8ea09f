// The persistent pool of compute threads. Without it every decode makes new threads, and half the speed is lost.
import koffi from "koffi"
import type { Address, ThreadpoolPointer } from "./abi.ts"
import type { NativeLibrary } from "./library.ts"

export interface ThreadPool extends Disposable {
  readonly pointer: ThreadpoolPointer
  readonly threads: number
}

export interface ThreadPoolOptions {
  readonly threads: number
  /** Logical processors to pin the threads to, one each; empty: not pinned. */
  readonly cpus: readonly number[]
}

/** Null when the library's CPU backend offers none: then it makes threads for each decode. */
export function createThreadPool(library: NativeLibrary, options: ThreadPoolOptions): ThreadPool | null {
  const { functions } = library
  const registry = functions.ggml_backend_reg_by_name("CPU")
  if (registry === null) return null
  const create = functions.ggml_backend_reg_get_proc_address(registry, "ggml_threadpool_new")
  const destroy = functions.ggml_backend_reg_get_proc_address(registry, "ggml_threadpool_free")
  if (create === null || destroy === null) return null
  const params = functions.ggml_threadpool_params_default(options.threads)
  const pinned = options.cpus.length >= options.threads
  const pool = callNew(create, {
    ...params,
    cpumask: params.cpumask.map((_, cpu) => pinned && options.cpus.includes(cpu)),
    strict_cpu: pinned,
    // Equal speed, and no processor time burnt between steps.
    poll: 0,
    prio: 0,
  })
  if (pool === null) return null
  return {
    pointer: pool,
    threads: options.threads,
    [Symbol.dispose]: () => {
      koffi.call(destroy, koffi.proto("void (void *pool)"), pool)
    },
  }
}

function callNew(create: Address, params: object): ThreadpoolPointer | null {
  // ggml_threadpool_new is only reachable through the backend's registry, so koffi cannot know its type; ggml-cpu.h has it.
  return koffi.call(
    create,
    koffi.proto("void *(ggml_threadpool_params *params)"),
    params,
  ) as ThreadpoolPointer | null
}
