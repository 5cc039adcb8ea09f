// Fakes for tests of this package and of those above it. Nothing of a shipped program imports this.
export { createDirectEgress, type DirectEgress, type DirectEgressOptions } from "./testing/direct-egress.ts"
export {
  type LoopbackServer,
  type SeenRequest,
  type ServedContent,
  type ServerFault,
  startLoopbackServer,
} from "./testing/loopback-server.ts"
export { createManualClock, type ManualClock } from "./testing/manual-clock.ts"
