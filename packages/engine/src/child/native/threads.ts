// The persistent pool of compute threads. Without it every decode makes new threads, and half the speed is lost.
import { readdirSync } from "node:fs"
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
  /** The threads leave their processors to those of another pool when both want them: see `ThreadPoolOptions.gives`. */
  readonly gives: boolean
}

export interface ThreadPoolOptions {
  readonly threads: number
  /** Logical processors to pin the threads to, one each; empty: not pinned. */
  readonly cpus: readonly number[]
  /**
   * A second pool of this thread, whose decodes stop now and then for those of the first. Its threads wait at a barrier meanwhile, spinning;
   * where the system has priorities for threads they do it behind those of the first. Defaults to false.
   */
  readonly gives?: boolean
}

/**
 * So long, in 131,072 looks (3 to 6 ms), a thread waits for the next step before it sleeps: to wake one takes longer than what is between two
 * steps, 2 % of a token of a small model. The library's default is 50, a fifth of a second after each answer.
 */
const POLL = 1

/** A ninth of the processor against a thread of usual priority. */
const GIVING_NICE = 10

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
  const others = options.gives === true ? threadsOfProcess() : null
  const pool = callNew(create, {
    ...params,
    cpumask: params.cpumask.map((_, cpu) => pinned && options.cpus.includes(cpu)),
    strict_cpu: pinned,
    poll: POLL,
    prio: 0,
  })
  if (pool === null) return null
  // Making the pool has pinned this thread.
  const here = affinity?.read()
  if (others !== null && everywhere !== undefined) affinity?.write(everywhere)
  return {
    pointer: pool,
    threads: options.threads,
    gives: options.threads === 1 || (others !== null && yieldTo(others)),
    pinCaller: (stay) => {
      // The first pool says where this thread runs.
      if (others !== null) return
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

/** Numbers of the threads that this process has now. Null: this system does not say. */
function threadsOfProcess(): ReadonlySet<string> | null {
  return process.platform === "linux" ? new Set(readdirSync("/proc/self/task")) : null
}

const PRIO_PROCESS = 0

/** Lowers the priority of all threads that are not among `others`. False: it did not work for each. */
function yieldTo(others: ReadonlySet<string>): boolean {
  const setPriority = koffi.load(null).func("int setpriority(int which, unsigned int who, int priority)")
  const made = [...(threadsOfProcess() ?? [])].filter((thread) => !others.has(thread))
  return (
    made.length > 0 && made.every((thread) => setPriority(PRIO_PROCESS, Number(thread), GIVING_NICE) === 0)
  )
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
