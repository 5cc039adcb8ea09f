// An app of fakes in a folder of its own, with everything that a test may look at.
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createFakeClock, type FakeClock } from "@fireside/host/testing"
import type { App } from "../app.ts"
import { createApp } from "../create-app.ts"
import { createFakeEngine, type FakeEngine } from "./fake-engine.ts"
import { createFakeLibrary, type FakeLibrary, fakeStored } from "./fake-library.ts"
import {
  createFakeJobs,
  createFakeParts,
  createFakeRegistry,
  type FakePartsOptions,
  type FakeRegistry,
} from "./fake-parts.ts"

export interface FakeApp extends AsyncDisposable {
  readonly app: App
  readonly clock: FakeClock
  readonly engine: FakeEngine
  readonly registry: FakeRegistry
  readonly jobs: ReturnType<typeof createFakeJobs>
  readonly library: FakeLibrary
  readonly home: string
}

/** The parts given replace the fakes. Closed and removed when disposed. */
export async function createFakeApp(change: Partial<FakePartsOptions> = {}): Promise<FakeApp> {
  const home = await mkdtemp(join(tmpdir(), "fireside-app-"))
  const clock = createFakeClock()
  const engine = createFakeEngine()
  const registry = createFakeRegistry()
  const jobs = createFakeJobs()
  const library = createFakeLibrary([fakeStored()])
  const app = createApp(createFakeParts({ clock, home, engine, registry, jobs, library, ...change }))
  return {
    app,
    clock,
    engine,
    registry,
    jobs,
    library,
    home,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      await rm(home, { recursive: true, force: true })
    },
  }
}
