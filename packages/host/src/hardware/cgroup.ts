// What the control groups of this process allow: version 1 and 2, each group up to the root, the strictest counts.
import { posix } from "node:path"
import type { FileView } from "./file-view.ts"

export interface CgroupFacts {
  /** Processors' worth of time, 1.5 for one and a half; undefined without a quota. */
  readonly cpuQuota: number | undefined
  readonly memoryLimitBytes: number | undefined
  /** Room left below the limit, counting file cache as room: the kernel gives it up first. */
  readonly memoryRoomBytes: number | undefined
}

const MOUNT = "/sys/fs/cgroup"

export function readCgroups(files: FileView): CgroupFacts {
  const groups = parseGroups(files.text("/proc/self/cgroup") ?? "")
  const quotas: number[] = []
  const limits: number[] = []
  const rooms: number[] = []
  for (const folder of foldersFor(groups.unified, [MOUNT, `${MOUNT}/unified`])) {
    push(quotas, unifiedQuota(files.text(`${folder}/cpu.max`)))
    pushMemory(files, {
      limit: `${folder}/memory.max`,
      used: `${folder}/memory.current`,
      statistics: `${folder}/memory.stat`,
      cache: "inactive_file",
      limits,
      rooms,
    })
  }
  for (const folder of foldersFor(groups.cpu, [`${MOUNT}/cpu`, `${MOUNT}/cpu,cpuacct`])) {
    const quota = numberIn(files.text(`${folder}/cpu.cfs_quota_us`))
    const period = numberIn(files.text(`${folder}/cpu.cfs_period_us`))
    if (quota !== undefined && period !== undefined && quota > 0 && period > 0) quotas.push(quota / period)
  }
  for (const folder of foldersFor(groups.memory, [`${MOUNT}/memory`]))
    pushMemory(files, {
      limit: `${folder}/memory.limit_in_bytes`,
      used: `${folder}/memory.usage_in_bytes`,
      statistics: `${folder}/memory.stat`,
      cache: "total_inactive_file",
      limits,
      rooms,
    })
  return { cpuQuota: least(quotas), memoryLimitBytes: least(limits), memoryRoomBytes: least(rooms) }
}

interface Groups {
  readonly unified: string | undefined
  readonly cpu: string | undefined
  readonly memory: string | undefined
}

/** Lines `hierarchy:controllers:path`; version 2 is hierarchy 0 without controllers. */
function parseGroups(text: string): Groups {
  let unified: string | undefined
  let cpu: string | undefined
  let memory: string | undefined
  for (const line of text.split("\n")) {
    const match = /^(\d+):([^:]*):(\/.*)$/.exec(line)
    if (match === null) continue
    const [, hierarchy, controllers = "", path] = match
    if (hierarchy === "0" && controllers === "") unified = path
    if (controllers.split(",").includes("cpu")) cpu = path
    if (controllers.split(",").includes("memory")) memory = path
  }
  return { unified, cpu, memory }
}

/**
 * The group's folder and those above it. In a container the path may be the one seen from outside, which does not exist here; the root,
 * which is the container's own group, always is among the folders.
 */
function foldersFor(path: string | undefined, mounts: readonly string[]): readonly string[] {
  if (path === undefined) return []
  const folders: string[] = []
  for (const mount of mounts) {
    for (let group = posix.normalize(path); ; group = posix.dirname(group)) {
      folders.push(group === "/" ? mount : `${mount}${group}`)
      if (group === "/") break
    }
  }
  return folders
}

/** `max 100000` or `150000 100000`. */
function unifiedQuota(text: string | undefined): number | undefined {
  const [quota, period] = (text ?? "").trim().split(/\s+/).map(Number)
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : undefined
}

interface MemoryFiles {
  readonly limit: string
  readonly used: string
  readonly statistics: string
  readonly cache: string
  readonly limits: number[]
  readonly rooms: number[]
}

function pushMemory(files: FileView, { limit, used, statistics, cache, limits, rooms }: MemoryFiles): void {
  const limitBytes = numberIn(files.text(limit))
  // Version 1 writes "no limit" as a number near 2^63, version 2 as `max`.
  if (limitBytes === undefined || limitBytes >= Number.MAX_SAFE_INTEGER) return
  limits.push(limitBytes)
  const usedBytes = numberIn(files.text(used)) ?? 0
  const cacheLine = new RegExp(`^${cache} (\\d+)$`, "m").exec(files.text(statistics) ?? "")
  rooms.push(Math.max(0, limitBytes - Math.max(0, usedBytes - Number(cacheLine?.[1] ?? 0))))
}

function numberIn(text: string | undefined): number | undefined {
  const written = (text ?? "").trim()
  return /^-?\d+$/.test(written) ? Number(written) : undefined
}

function push(list: number[], value: number | undefined): void {
  if (value !== undefined) list.push(value)
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values)
}
