// The world of one source in tests: a server on loopback, an egress, a folder.
import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Environment, SILENT_LOG } from "@fireside/host"
import { UNLIMITED } from "../download/rate-limit.ts"
import type { FetchTarget, SourceWorld } from "../source.ts"
import { createDirectEgress, type DirectEgress } from "./direct-egress.ts"
import { type LoopbackServer, startLoopbackServer } from "./loopback-server.ts"
import { createManualClock } from "./manual-clock.ts"

export const purpose = { reason: "download x", feature: "pull", contentClass: "model-id" } as const

export interface Bench extends AsyncDisposable {
  readonly folder: string
  readonly downloads: string
  readonly server: LoopbackServer
  readonly egress: DirectEgress
  readonly world: SourceWorld
  readonly target: FetchTarget
}

export async function openBench(environment: Environment = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), "fireside-source-"))
  const server = await startLoopbackServer()
  const egress = createDirectEgress()
  const downloads = join(folder, "downloads")
  await mkdir(downloads)
  const world: SourceWorld = {
    egress,
    clock: createManualClock(),
    random: () => 0.5,
    diskSpace: async () => ({ freeBytes: 2 ** 40, totalBytes: 2 ** 41 }),
    log: SILENT_LOG,
    environment,
    bounds: { rangeBytes: 64 * 1024, parallelRanges: 2, attempts: 2 },
  }
  return {
    folder,
    downloads,
    server,
    egress,
    world,
    target: {
      folder: downloads,
      has: async () => false,
      onEvent: () => {},
      rateLimit: UNLIMITED,
      purpose,
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

/** Bytes of bodies that left the server from paths with this part. */
export function sentFrom(server: LoopbackServer, part: string): number {
  return server.requests
    .filter(({ path }) => path.includes(part))
    .reduce((sum, { sentBytes }) => sum + sentBytes, 0)
}
