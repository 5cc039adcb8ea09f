// Everything that OpenAI's and llama.cpp's clients call, but for the stateful answers of `responses/`.
import type { Route } from "../../route.ts"
import { chatRoute } from "./chat-route.ts"
import { completionRoute } from "./completion-route.ts"
import { embeddingRoute } from "./embedding-route.ts"
import { infillRoutes } from "./infill-routes.ts"
import { modelRoutes } from "./model-routes.ts"
import { rerankRoutes } from "./rerank-routes.ts"
import { tokenRoutes } from "./token-routes.ts"

export const openaiRoutes: readonly Route[] = [
  chatRoute,
  completionRoute,
  embeddingRoute,
  ...modelRoutes,
  ...rerankRoutes,
  ...infillRoutes,
  ...tokenRoutes,
]
