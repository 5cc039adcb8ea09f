import { describe, expect, test } from "vitest"
import { findSandbox, probeSandbox, type SandboxWorld } from "./sandbox.ts"

interface Machine {
  readonly programs?: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  readonly works?: readonly string[]
  readonly isRoot?: boolean
  readonly platform?: NodeJS.Platform
}

const FREE: Readonly<Record<string, string>> = {
  "/proc/self/status": "CapEff:\t0000000000000000\nSeccomp:\t0\n",
  "/proc/sys/user/max_net_namespaces": "95987\n",
  "/proc/sys/user/max_user_namespaces": "95987\n",
}
const ROOT = { ...FREE, "/proc/self/status": "CapEff:\t000001ffffffffff\nSeccomp:\t0\n" }

function machine({
  programs = ["unshare", "setpriv"],
  files = FREE,
  works = [],
  isRoot = false,
  platform = "linux",
}: Machine) {
  const tried: string[] = []
  const world: SandboxWorld = {
    platform,
    isRoot,
    find: (program) => (programs.includes(program) ? `/usr/bin/${program}` : undefined),
    read: (path) => files[path],
    succeeds: ([program = ""]) => {
      const name = program.replace("/usr/bin/", "")
      tried.push(name)
      return works.includes(name)
    },
  }
  return { world, tried }
}

describe("what the kernel's files settle is not tried", () => {
  test("an ordinary user", () => {
    const { world, tried } = machine({})
    expect(findSandbox(world)).toEqual({
      level: "partial",
      prefix: ["/usr/bin/unshare", "-rn", "--", "/usr/bin/setpriv", "--pdeathsig", "KILL"],
    })
    expect(tried).toEqual([])
  })

  test("root with all rights needs no user namespace", () => {
    const { world, tried } = machine({ files: ROOT, isRoot: true, programs: ["unshare"] })
    expect(findSandbox(world)).toEqual({ level: "partial", prefix: ["/usr/bin/unshare", "-n", "--"] })
    expect(tried).toEqual([])
  })

  test("bubblewrap makes files read-only, except the named folders", () => {
    const { world } = machine({ programs: ["bwrap", "unshare"] })
    const { level, prefix } = findSandbox(world, ["/data/out"])
    expect(level).toBe("full")
    expect(prefix.join(" ")).toContain("--unshare-net --ro-bind / /")
    expect(prefix.join(" ")).toMatch(/--bind-try \/data\/out \/data\/out --$/)
  })
})

describe("what they leave open is tried", () => {
  const doubts: Readonly<Record<string, Partial<Machine>>> = {
    "a filter on system calls": { files: { ...FREE, "/proc/self/status": "CapEff:\t0\nSeccomp:\t2\n" } },
    "no file at all": { files: {} },
    "user namespaces switched off": { files: { ...FREE, "/proc/sys/user/max_user_namespaces": "0" } },
    "network namespaces switched off": { files: { ...FREE, "/proc/sys/user/max_net_namespaces": "0" } },
    "Debian's switch": { files: { ...FREE, "/proc/sys/kernel/unprivileged_userns_clone": "0\n" } },
    "Ubuntu's rule": { files: { ...FREE, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n" } },
    "root without rights, as in a container": { files: FREE, isRoot: true },
  }
  test.each(Object.entries(doubts))("%s", (_name, doubt) => {
    const refused = machine(doubt)
    expect(findSandbox(refused.world).level).toBe("none")
    expect(refused.tried).toEqual(["unshare"])
    expect(findSandbox(machine({ ...doubt, works: ["unshare"] }).world).level).toBe("partial")
  })

  test("bubblewrap that is refused falls back to unshare", () => {
    const { world, tried } = machine({ programs: ["bwrap", "unshare"], files: {}, works: ["unshare"] })
    expect(findSandbox(world).level).toBe("partial")
    expect(tried).toEqual(["bwrap", "unshare"])
  })
})

test("without programs or on another system it is none, and said so", () => {
  expect(findSandbox(machine({ programs: [] }).world)).toEqual({ level: "none", prefix: [] })
  expect(findSandbox(machine({ platform: "darwin" }).world)).toEqual({ level: "none", prefix: [] })
  expect(findSandbox(machine({ platform: "win32" }).world).level).toBe("none")
})

test("even without a sandbox the child ends with its parent where the system can do that", () => {
  expect(findSandbox(machine({ programs: ["setpriv"] }).world)).toEqual({
    level: "none",
    prefix: ["/usr/bin/setpriv", "--pdeathsig", "KILL"],
  })
})

test("the probe believes no file", () => {
  const { world, tried } = machine({})
  expect(probeSandbox(world)).toBe("none")
  expect(tried).toEqual(["unshare"])
})
