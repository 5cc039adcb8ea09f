// How far this system lets a child be shut in, and the command line that does it.
import { spawnSync } from "node:child_process"
import { accessSync, constants, readFileSync, realpathSync } from "node:fs"
import { basename, join } from "node:path"
import type { SandboxLevel } from "./child.ts"

/** The way a child is started: `[program, ...arguments]` goes before Node's own path. */
export interface Sandbox {
  readonly level: SandboxLevel
  readonly prefix: readonly string[]
}

/** What the probe looks at; passed in so that tests can be another machine. */
export interface SandboxWorld {
  readonly platform: NodeJS.Platform
  readonly isRoot: boolean
  /** Absolute path of a program, searched where programs are; undefined when it is missing. */
  find(program: string): string | undefined
  /** Text of a file; undefined when it cannot be read. */
  read(path: string): string | undefined
  /** Runs a command and tells whether it succeeded. Costs some milliseconds. */
  succeeds(command: readonly string[]): boolean
}

const NO_SANDBOX: Sandbox = { level: "none", prefix: [] }
/** CAP_SYS_ADMIN in `CapEff`. */
const SYS_ADMIN = 1n << 21n

/**
 * The strongest sandbox that works here, honestly: what a file of the kernel does not settle is tried for real.
 *
 * - `full` (bubblewrap): no network, and every file read-only, except `writable`.
 * - `partial` (unshare): no network.
 * - `none`: neither; also on macOS and Windows.
 *
 * Unix sockets that have a path stay reachable in both: a network namespace does not cover them.
 */
export function findSandbox(world: SandboxWorld, writable: readonly string[] = []): Sandbox {
  if (world.platform !== "linux") return NO_SANDBOX
  const certain = namespacesAreCertain(world)
  // Fails closed: `setpriv` ends the child when its parent dies, also when it hangs in native code and does not see the channel close.
  const setpriv = world.find("setpriv")
  const endWithParent = setpriv === undefined ? [] : [setpriv, "--pdeathsig", "KILL"]
  for (const candidate of [bubblewrap(world, writable), unshare(world, endWithParent)]) {
    if (candidate === undefined) continue
    if (certain || world.succeeds([...candidate.prefix, "true"])) return candidate
  }
  return { level: "none", prefix: endWithParent }
}

/** The same, tried for real and without trust in any file: for `privacy status` and `doctor`. */
export function probeSandbox(world: SandboxWorld = thisMachine()): SandboxLevel {
  return findSandbox({ ...world, read: () => undefined }).level
}

function bubblewrap(world: SandboxWorld, writable: readonly string[]): Sandbox | undefined {
  const program = world.find("bwrap")
  if (program === undefined) return undefined
  const prefix = [
    program,
    "--die-with-parent",
    "--unshare-net",
    "--ro-bind",
    "/",
    "/",
    "--dev-bind",
    "/dev",
    "/dev",
  ]
  for (const path of writable) prefix.push("--bind-try", path, path)
  return { level: "full", prefix: [...prefix, "--"] }
}

function unshare(world: SandboxWorld, endWithParent: readonly string[]): Sandbox | undefined {
  const program = world.find("unshare")
  if (program === undefined) return undefined
  return { level: "partial", prefix: [program, world.isRoot ? "-n" : "-rn", "--", ...endWithParent] }
}

/** True when the kernel's own files leave no doubt that namespaces may be made; false means: try. */
function namespacesAreCertain({ isRoot, read }: SandboxWorld): boolean {
  const status = read("/proc/self/status")
  // A filter on system calls may refuse what everything else allows.
  if (status === undefined || !/^Seccomp:\s*0$/m.test(status)) return false
  if (!isPositive(read("/proc/sys/user/max_net_namespaces"))) return false
  if (isRoot) {
    const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1]
    return effective !== undefined && (BigInt(`0x${effective}`) & SYS_ADMIN) !== 0n
  }
  return (
    isPositive(read("/proc/sys/user/max_user_namespaces")) &&
    (read("/proc/sys/kernel/unprivileged_userns_clone") ?? "1").trim() === "1" &&
    (read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") ?? "0").trim() === "0"
  )
}

function isPositive(text: string | undefined): boolean {
  return Number(text ?? "0") > 0
}

/** Programs for a sandbox come from the system's folders only: `PATH` may hold folders that others can write. */
const SYSTEM_FOLDERS = [
  "/usr/bin",
  "/bin",
  "/usr/sbin",
  "/sbin",
  "/usr/local/bin",
  "/run/current-system/sw/bin",
]

export function thisMachine(): SandboxWorld {
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    find: findProgram,
    read(path) {
      try {
        return readFileSync(path, "utf8")
      } catch {
        return undefined
      }
    },
    succeeds([program = "", ...rest]) {
      return spawnSync(program, rest, { stdio: "ignore", timeout: 2_000 }).status === 0
    },
  }
}

function findProgram(program: string): string | undefined {
  return SYSTEM_FOLDERS.map((folder) => join(folder, program)).find((path) => {
    try {
      accessSync(path, constants.X_OK)
      // busybox has programs of these names that do not know these options.
      return basename(realpathSync(path)) !== "busybox"
    } catch {
      return false
    }
  })
}
