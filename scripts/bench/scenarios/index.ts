import type { Scenario } from "../scenario.ts"
import { busyCore } from "./busy-core.ts"
import { coldStart } from "./cold-start.ts"
import { eightStreams } from "./eight-streams.ts"
import { engineSingle } from "./engine-single.ts"
import { gateway } from "./gateway.ts"

/** In the order in which they run. A new scenario of the design is a file here and a line in this list. */
export const SCENARIOS: readonly Scenario[] = [engineSingle, eightStreams, coldStart, busyCore, gateway]
