// Ollama's API, whole. What each row promises is in docs/decisions/0020-ollama-dialect.md.
import type { Route } from "../../route.ts"
import { changeRoutes } from "./change-models.ts"
import { chatRoutes } from "./chat.ts"
import { createRoutes } from "./create-model.ts"
import { embedRoutes } from "./embed.ts"
import { generateRoutes } from "./generate.ts"
import { identityRoutes } from "./identity.ts"
import { listRoutes } from "./list-models.ts"
import { pullRoutes } from "./pull-model.ts"
import { showRoutes } from "./show-model.ts"

export const ollamaRoutes: readonly Route[] = [
  ...identityRoutes,
  ...listRoutes,
  ...showRoutes,
  ...generateRoutes,
  ...chatRoutes,
  ...embedRoutes,
  ...pullRoutes,
  ...createRoutes,
  ...changeRoutes,
]
