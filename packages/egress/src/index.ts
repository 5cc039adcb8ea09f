export type { Egress, EgressProxy, EgressPurpose, EgressRequest, EgressResponse } from "./egress.ts"
