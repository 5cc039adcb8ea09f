// Machines as tests give them: a table of files. Used by tests only.
import type { FileView } from "./file-view.ts"

/** Folders are what the paths imply. */
export function filesOf(table: Readonly<Record<string, string>>): FileView {
  return {
    text: (path) => table[path],
    names(path) {
      const below = Object.keys(table).filter((it) => it.startsWith(`${path}/`))
      return [...new Set(below.map((it) => it.slice(path.length + 1).split("/")[0] ?? ""))]
    },
  }
}

const meminfo = (totalKib: number, availableKib: number): string =>
  `MemTotal:       ${totalKib} kB\nMemFree:        1000 kB\nMemAvailable:   ${availableKib} kB\n`

const topology = (siblings: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    siblings.map((list, cpu) => [
      `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`,
      `${list}\n`,
    ]),
  )

/** 4 cores with 2 threads each, 16 GiB, 8 GiB free, on the mains with a battery. */
export const LAPTOP: Readonly<Record<string, string>> = {
  "/proc/self/status": "Name:\tnode\nCpus_allowed:\tff\nCpus_allowed_list:\t0-7\n",
  "/proc/meminfo": meminfo(16 * 1024 * 1024, 8 * 1024 * 1024),
  "/proc/cpuinfo":
    "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Core(TM) i7-8550U CPU @ 1.80GHz\nflags\t\t: fpu sse4_2 avx avx2 fma f16c\n\nprocessor\t: 1\n",
  "/proc/self/cgroup": "0::/user.slice/user-1000.slice/session-2.scope\n",
  ...topology(["0,4", "1,5", "2,6", "3,7", "0,4", "1,5", "2,6", "3,7"]),
  "/sys/class/power_supply/AC/type": "Mains\n",
  "/sys/class/power_supply/AC/online": "1\n",
  "/sys/class/power_supply/BAT0/type": "Battery\n",
  "/sys/class/power_supply/BAT0/status": "Charging\n",
}

/** A Raspberry Pi: ARM names, no topology, no power supplies. */
export const BOARD: Readonly<Record<string, string>> = {
  "/proc/self/status": "Cpus_allowed_list:\t0-3\n",
  "/proc/meminfo": meminfo(8 * 1024 * 1024, 6 * 1024 * 1024),
  "/proc/cpuinfo":
    "processor\t: 0\nFeatures\t: fp asimd evtstrm aes crc32 asimddp\nCPU implementer\t: 0x41\n\nModel\t\t: Raspberry Pi 5 Model B Rev 1.0\n",
}
