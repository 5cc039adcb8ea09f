import type { Scenario } from "../scenario.ts"
import { adapters } from "./adapters.ts"
import { afterRestart } from "./after-restart.ts"
import { busyCore } from "./busy-core.ts"
import { chatsInTurn } from "./chats-in-turn.ts"
import { codeEdit } from "./code-edit.ts"
import { coldStart } from "./cold-start.ts"
import { crowd } from "./crowd.ts"
import { eightStreams } from "./eight-streams.ts"
import { embeddings } from "./embeddings.ts"
import { engineSingle } from "./engine-single.ts"
import { firstHealth } from "./first-health.ts"
import { freeProse } from "./free-prose.ts"
import { gateway } from "./gateway.ts"
import { growingChat } from "./growing-chat.ts"
import { idle } from "./idle.ts"
import { offeredCopy } from "./offered-copy.ts"
import { pastedDocument } from "./pasted-document.ts"
import { pinnedDocument } from "./pinned-document.ts"
import { retrievedPassages } from "./retrieved-passages.ts"
import { shortQuestions } from "./short-questions.ts"

/** In the order in which they run. A new scenario of the design is a file here and a line in this list. */
export const SCENARIOS: readonly Scenario[] = [
  engineSingle,
  eightStreams,
  growingChat,
  chatsInTurn,
  afterRestart,
  crowd,
  shortQuestions,
  retrievedPassages,
  pinnedDocument,
  codeEdit,
  freeProse,
  firstHealth,
  coldStart,
  idle,
  pastedDocument,
  embeddings,
  gateway,
  adapters,
  busyCore,
  offeredCopy,
]
