// Every step of the schema, oldest first. Add at the end; never change or remove one that was released.
import type { Migration } from "./migration.ts"
import { privacy } from "./migrations/0001-privacy.ts"
import { acceptedLicence } from "./migrations/0002-accepted-licence.ts"
import { job } from "./migrations/0003-job.ts"
import { apiKey } from "./migrations/0004-api-key.ts"
import { conversation } from "./migrations/0005-conversation.ts"
import { response } from "./migrations/0006-response.ts"
import { jobOwner } from "./migrations/0007-job-owner.ts"
import { benchRun } from "./migrations/0008-bench-run.ts"
import { history } from "./migrations/0009-history.ts"
import { shortenedAndPrompts } from "./migrations/0010-shortened-and-prompts.ts"

export const MIGRATIONS: readonly Migration[] = [
  privacy,
  acceptedLicence,
  job,
  apiKey,
  conversation,
  response,
  jobOwner,
  benchRun,
  history,
  shortenedAndPrompts,
]
