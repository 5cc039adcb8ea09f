// Fakes for tests of this package and of those above it. Nothing of a shipped program imports this.
export { createDirectEgress, type DirectEgress, type DirectEgressOptions } from "./testing/direct-egress.ts"
export { createFakeLibrary, type FakeLibrary, type FakeLibraryOptions } from "./testing/fake-library.ts"
export {
  type LoopbackServer,
  type SeenRequest,
  type ServedContent,
  type ServerFault,
  startLoopbackServer,
} from "./testing/loopback-server.ts"
export { createManualClock, type ManualClock } from "./testing/manual-clock.ts"
export { type ArchivedFile, buildTarball, buildZip } from "./testing/package-archives.ts"
export { HUB_REVISION, type ServedRepository, serveHub } from "./testing/serve-hub.ts"
