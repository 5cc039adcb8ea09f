// A library on a folder of its own, in a world that the test holds: egress, clock, disk, licences.
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Database, layoutOf, openDatabase, type Paths, prepareHome } from "@fireside/host"
import type { JobEvent } from "@fireside/protocol"
import { createLibrary, type LibraryOptions } from "../create-library.ts"
import type { Library, PullOptions } from "../library.ts"
import { createDirectEgress, type DirectEgress } from "./direct-egress.ts"
import { type LoopbackServer, startLoopbackServer } from "./loopback-server.ts"
import { createManualClock, type ManualClock } from "./manual-clock.ts"

export interface TestLibrary extends AsyncDisposable {
  readonly folder: string
  readonly paths: Paths
  readonly server: LoopbackServer
  readonly egress: DirectEgress
  readonly clock: ManualClock
  readonly library: Library
  /** A second library on the same folder, as another process would open it. */
  open(changes?: Partial<LibraryOptions>): Library
  pull(name: string, options?: PullOptions): Promise<readonly JobEvent[]>
}

export const never: AbortSignal = new AbortController().signal

export async function openTestLibrary(changes: Partial<LibraryOptions> = {}): Promise<TestLibrary> {
  const folder = await mkdtemp(join(tmpdir(), "fireside-library-"))
  const paths = layoutOf(join(folder, "home"))
  await prepareHome(paths)
  const server = await startLoopbackServer()
  const egress = createDirectEgress()
  const clock = createManualClock(Date.now())
  let database: Promise<Database> | undefined
  const openOnce = (): Promise<Database> => {
    database ??= openDatabase(paths)
    return database
  }
  const open = (more: Partial<LibraryOptions> = {}): Library =>
    createLibrary({
      paths,
      settings: { hfEndpoint: server.origin, ollamaRegistry: server.origin, trustedOrigins: [server.origin] },
      openEgress: async () => egress,
      openDatabase: openOnce,
      environment: {},
      userHome: join(folder, "nobody"),
      clock,
      random: () => 0.5,
      bounds: { rangeBytes: 64 * 1024, parallelRanges: 4, attempts: 3 },
      ...changes,
      ...more,
    })
  const library = open()
  return {
    folder,
    paths,
    server,
    egress,
    clock,
    library,
    open,
    pull: (name, options = {}) => collect(library.pull(name, options, never)),
    async [Symbol.asyncDispose]() {
      await (await database)?.[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function collect(events: AsyncIterable<JobEvent>): Promise<readonly JobEvent[]> {
  const seen: JobEvent[] = []
  for await (const event of events) seen.push(event)
  return seen
}
