// Jobs that go on without a reader: started, followed, cancelled, resumed.
import type { Jobs, Models } from "./app.ts"
import { later } from "./later.ts"
import type { Parts } from "./parts.ts"

export function createJobs(parts: Parts, _models: Models): Jobs {
  return {
    list: async () => ((await parts.hasDatabase()) ? (await parts.jobs()).list() : []),
    get: later,
    start: later,
    resume: later,
    events: later,
    cancel: later,
  }
}
