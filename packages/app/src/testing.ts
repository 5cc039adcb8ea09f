// Fakes that ship: an app out of parts that need no network and no weights.
export type { Prompt } from "@fireside/engine"
export { createFakeApp, type FakeApp } from "./testing/fake-app.ts"
export { fakeBenchReport } from "./testing/fake-bench-report.ts"
export { createFakeEngine, FAKE_FIT, type FakeEngine, PLAN } from "./testing/fake-engine.ts"
export { fakeJob } from "./testing/fake-job.ts"
export {
  CATALOGUE,
  createFakeLibrary,
  type FakeLibrary,
  type FakeStored,
  fakeStored,
} from "./testing/fake-library.ts"
export {
  createFakeEgress,
  createFakeJobs,
  createFakeParts,
  createFakeRegistry,
  type FakePartsOptions,
  type FakeRegistry,
  HARDWARE,
  HEALTHY_PROBES,
  QUIET_PROBES,
} from "./testing/fake-parts.ts"
