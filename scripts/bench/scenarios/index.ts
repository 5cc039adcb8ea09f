import type { Scenario } from "../scenario.ts"
import { busyCore } from "./busy-core.ts"
import { chatsInTurn } from "./chats-in-turn.ts"
import { coldStart } from "./cold-start.ts"
import { crowd } from "./crowd.ts"
import { eightStreams } from "./eight-streams.ts"
import { engineSingle } from "./engine-single.ts"
import { gateway } from "./gateway.ts"
import { growingChat } from "./growing-chat.ts"
import { pastedDocument } from "./pasted-document.ts"

/** In the order in which they run. A new scenario of the design is a file here and a line in this list. */
export const SCENARIOS: readonly Scenario[] = [
  engineSingle,
  eightStreams,
  growingChat,
  chatsInTurn,
  crowd,
  coldStart,
  pastedDocument,
  busyCore,
  gateway,
]
