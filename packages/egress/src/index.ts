export { isPublicAddress } from "./address-policy.ts"
export { createEgress, type EgressOptions } from "./create-egress.ts"
export type {
  Egress,
  EgressProxy,
  EgressProxyRequest,
  EgressPurpose,
  EgressRequest,
  EgressResponse,
} from "./egress.ts"
export type { Resolver } from "./passage.ts"
