// The table of everything that is served. What is not here does not exist; what is here is documented, guarded and examined.
import { anthropicRoutes } from "../dialects/anthropic/routes.ts"
import { nativeRoutes } from "../dialects/native/routes.ts"
import { ollamaRoutes } from "../dialects/ollama/routes.ts"
import { responsesRoutes } from "../dialects/openai/responses/routes.ts"
import { openaiRoutes } from "../dialects/openai/routes.ts"
import { pageRoutes } from "../page/page-routes.ts"
import type { Route } from "../route.ts"
import { type OperationsOptions, operationsRoutes } from "./operations.ts"

export function allRoutes(options: Omit<OperationsOptions, "routes">): readonly Route[] {
  const routes: readonly Route[] = [
    ...operationsRoutes({ ...options, routes: () => routes }),
    ...pageRoutes,
    ...openaiRoutes,
    ...nativeRoutes,
    ...ollamaRoutes,
    ...responsesRoutes,
    ...anthropicRoutes,
  ]
  return routes
}
