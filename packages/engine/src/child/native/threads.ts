// The persistent pool of compute threads. Without it every decode makes new threads, and half the speed is lost.
import koffi from "koffi"
import type { Address, ThreadpoolPointer } from "./abi.ts"
import type { NativeLibrary } from "./library.ts"

export interface ThreadPool extends Disposable {
  readonly pointer: ThreadpoolPointer
  readonly threads: number
  /**
   * Whether this thread, which computes as one of the pool, stays on its processor (true, as at first) or may run on any.
   * With fewer threads than processors it must be able to leave one that a foreign program keeps busy.
   */
  pinCaller(pinned: boolean): void
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
  const affinity = pinned ? openAffinity() : null
  const everywhere = affinity?.read()
  const pool = callNew(create, {
    ...params,
    cpumask: params.cpumask.map((_, cpu) => pinned && options.cpus.includes(cpu)),
    strict_cpu: pinned,
    // Equal speed, and no processor time burnt between steps.
    poll: 0,
    prio: 0,
  })
  if (pool === null) return null
  // Making the pool has pinned this thread.
  const here = affinity?.read()
  return {
    pointer: pool,
    threads: options.threads,
    pinCaller: (stay) => {
      const mask = stay ? here : everywhere
      if (mask !== undefined) affinity?.write(mask)
    },
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

/** glibc's cpu_set_t, bytes. */
const MASK_BYTES = 128

interface Affinity {
  /** The processors that this thread may run on, as the system's bit mask. */
  read(): Uint8Array
  write(mask: Uint8Array): void
}

/** Null where threads cannot be pinned this way. */
function openAffinity(): Affinity | null {
  if (process.platform !== "linux") return null
  const own = koffi.load(null)
  const get = own.func("int sched_getaffinity(int pid, size_t size, void *mask)")
  const set = own.func("int sched_setaffinity(int pid, size_t size, void *mask)")
  return {
    read: () => {
      const mask = new Uint8Array(MASK_BYTES)
      get(0, MASK_BYTES, mask)
      return mask
    },
    // A failure leaves the thread where it is, which is only slower.
    write: (mask) => void set(0, MASK_BYTES, mask),
  }
}
