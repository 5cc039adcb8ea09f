import { describe, expect, test } from "vitest"
import { BOARD, filesOf, LAPTOP } from "./hardware-fixture.ts"
import { readLinux } from "./read-linux.ts"

const GIB = 2 ** 30
const read = (changes: Record<string, string> = {}, base = LAPTOP) =>
  readLinux(filesOf({ ...base, ...changes }))

test("a laptop", () => {
  expect(read()).toEqual({
    cpuModel: "Intel(R) Core(TM) i7-8550U CPU @ 1.80GHz",
    cpuFeatures: ["sse4_2", "avx", "avx2", "fma", "f16c"],
    usableCpus: [0, 1, 2, 3, 4, 5, 6, 7],
    physicalCores: 4,
    totalMemoryBytes: 16 * GIB,
    availableMemoryBytes: 8 * GIB,
    memoryLimitBytes: 16 * GIB,
    onBattery: false,
  })
})

test("a board with an ARM processor", () => {
  expect(read({}, BOARD)).toMatchObject({
    cpuModel: "Raspberry Pi 5 Model B Rev 1.0",
    cpuFeatures: ["asimd", "asimddp", "neon"],
    usableCpus: [0, 1, 2, 3],
    physicalCores: 4,
    onBattery: null,
  })
})

test("a machine that tells nothing still has one processor", () => {
  const facts = readLinux(filesOf({}))
  expect(facts.usableCpus.length).toBeGreaterThan(0)
  expect(facts.physicalCores).toBeGreaterThan(0)
  expect(facts).toMatchObject({
    totalMemoryBytes: 0,
    availableMemoryBytes: 0,
    cpuFeatures: [],
    onBattery: null,
  })
})

describe("processors", () => {
  const allow = (list: string): Record<string, string> => ({
    "/proc/self/status": `Cpus_allowed_list:\t${list}\n`,
  })

  test("affinity counts", () => {
    expect(read(allow("1-2,5"))).toMatchObject({ usableCpus: [1, 2, 5], physicalCores: 2 })
  })

  test.each<[string, string, readonly number[]]>([
    ["two processors' worth", "200000 100000", [0, 1]],
    ["one and a half", "150000 100000", [0]],
    ["less than one", "50000 100000", [0]],
    ["more than there are", "9900000 100000", [0, 1, 2, 3, 4, 5, 6, 7]],
    ["none", "max 100000", [0, 1, 2, 3, 4, 5, 6, 7]],
  ])("quota of version 2: %s", (_name, text, expected) => {
    expect(read({ "/sys/fs/cgroup/user.slice/cpu.max": `${text}\n` }).usableCpus).toEqual(expected)
  })

  test("with a quota, other cores come before second threads", () => {
    const neighbours = ["0-1", "0-1", "2-3", "2-3"]
    const files = Object.fromEntries(
      neighbours.map((list, cpu) => [
        `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`,
        list,
      ]),
    )
    const facts = read({ ...files, ...allow("0-3"), "/sys/fs/cgroup/cpu.max": "200000 100000" })
    expect(facts).toMatchObject({ usableCpus: [0, 2], physicalCores: 2 })
  })

  test("quota of version 1", () => {
    const facts = read({
      "/proc/self/cgroup": "3:cpuset:/x\n2:cpu,cpuacct:/docker/abc\n",
      "/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us": "300000\n",
      "/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    })
    expect(facts.usableCpus).toEqual([0, 1, 2])
  })
})

describe("memory", () => {
  test("the strictest group of version 2 counts, and file cache is room", () => {
    const facts = read({
      "/sys/fs/cgroup/user.slice/memory.max": `${4 * GIB}\n`,
      "/sys/fs/cgroup/user.slice/memory.current": `${3 * GIB}\n`,
      "/sys/fs/cgroup/user.slice/memory.stat": `anon 1\ninactive_file ${2 * GIB}\n`,
      "/sys/fs/cgroup/user.slice/user-1000.slice/memory.max": "max\n",
    })
    expect(facts).toMatchObject({
      memoryLimitBytes: 4 * GIB,
      availableMemoryBytes: 3 * GIB,
      totalMemoryBytes: 16 * GIB,
    })
  })

  test("version 1, seen from inside a container: the path does not exist here, the root is the group", () => {
    const facts = read({
      "/proc/self/cgroup": "4:memory:/docker/abc\n1:name=systemd:/docker/abc\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": `${2 * GIB}\n`,
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": `${GIB}\n`,
      "/sys/fs/cgroup/memory/memory.stat": "total_inactive_file 0\n",
    })
    expect(facts).toMatchObject({ memoryLimitBytes: 2 * GIB, availableMemoryBytes: GIB })
  })

  test("version 1 without a limit", () => {
    const facts = read({
      "/proc/self/cgroup": "4:memory:/\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    })
    expect(facts).toMatchObject({ memoryLimitBytes: 16 * GIB, availableMemoryBytes: 8 * GIB })
  })

  test("a group with more than the machine does not add memory", () => {
    expect(read({ "/sys/fs/cgroup/memory.max": `${64 * GIB}\n` })).toMatchObject({
      memoryLimitBytes: 16 * GIB,
      availableMemoryBytes: 8 * GIB,
    })
  })

  test("more used than allowed is no room, not less than none", () => {
    expect(
      read({ "/sys/fs/cgroup/memory.max": `${GIB}`, "/sys/fs/cgroup/memory.current": `${2 * GIB}` })
        .availableMemoryBytes,
    ).toBe(0)
  })
})

describe("power", () => {
  const supplies = (
    online: string,
    status: string,
    other: Record<string, string> = {},
  ): Record<string, string> => ({
    "/sys/class/power_supply/AC/online": online,
    "/sys/class/power_supply/BAT0/status": status,
    ...other,
  })
  test.each<[string, Record<string, string>, boolean]>([
    ["unplugged", supplies("0", "Discharging"), true],
    ["full on the mains", supplies("1", "Full"), false],
    ["held at 80 % without the mains being told", supplies("0", "Not charging"), false],
    [
      "a mouse's battery does not count",
      supplies("0", "Full", {
        "/sys/class/power_supply/mouse/type": "Battery",
        "/sys/class/power_supply/mouse/scope": "Device",
        "/sys/class/power_supply/mouse/status": "Discharging",
      }),
      false,
    ],
  ])("%s", (_name, changes, expected) => {
    expect(read(changes).onBattery).toBe(expected)
  })
})
