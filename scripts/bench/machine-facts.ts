// What a reader must know of the machine to judge figures. No host name, no user, no paths.
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { loadavg } from "node:os"
import { join } from "node:path"
import type { HardwareFacts } from "@fireside/protocol"

export interface MachineFacts {
  readonly cpuModel: string
  readonly cpuFeatures: readonly string[]
  readonly usableCpus: number
  readonly physicalCores: number
  readonly memoryGib: number
  readonly platform: string
  readonly arch: string
  readonly nodeVersion: string
  readonly version: string
  readonly commit: string
  readonly libraryVersion: string
  /** Of the last minute, before anything was measured. */
  readonly loadBefore: number
}

export function machineFacts(hardware: HardwareFacts, root: string): MachineFacts {
  const workspace: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  return {
    cpuModel: hardware.cpuModel,
    cpuFeatures: hardware.cpuFeatures,
    usableCpus: hardware.usableCpus.length,
    physicalCores: hardware.physicalCores,
    memoryGib: Math.round(hardware.totalMemoryBytes / 1024 ** 3),
    platform: hardware.platform,
    arch: hardware.arch,
    nodeVersion: process.versions.node,
    version: hasVersion(workspace) ? workspace.version : "unknown",
    commit: commitOf(root),
    libraryVersion: "v0.5.0",
    loadBefore: loadavg()[0] ?? 0,
  }
}

function commitOf(root: string): string {
  try {
    const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim()
    const dirty = git("status", "--porcelain", "--", "packages", "scripts") === "" ? "" : " with changes"
    return `${git("rev-parse", "--short", "HEAD")}${dirty}`
  } catch {
    return "no commit" // a source archive has no history
  }
}

function hasVersion(value: unknown): value is { version: string } {
  return (
    typeof value === "object" && value !== null && "version" in value && typeof value.version === "string"
  )
}
