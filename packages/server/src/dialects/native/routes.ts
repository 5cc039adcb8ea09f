// The native API: what the other dialects cannot say. Its words are those of `protocol`, so there is nothing to encode.
import type { Route } from "../../route.ts"
import { benchRoutes } from "./bench-routes.ts"
import { catalogueRoutes } from "./catalogue-routes.ts"
import { conversationRoutes } from "./conversation-routes.ts"
import { generationRoutes } from "./generation-routes.ts"
import { historyRoutes } from "./history-routes.ts"
import { jobRoutes } from "./job-routes.ts"
import { modelRoutes } from "./model-routes.ts"
import { ownerRoutes } from "./owner-routes.ts"
import { prefixRoutes } from "./prefix-routes.ts"
import { privacyRoutes } from "./privacy-routes.ts"
import { promptRoutes } from "./prompt-routes.ts"
import { removalRoutes } from "./removal-routes.ts"
import { settingRoutes } from "./setting-routes.ts"
import { storageRoutes } from "./storage-routes.ts"

export const nativeRoutes: readonly Route[] = [
  ...generationRoutes,
  ...catalogueRoutes,
  ...modelRoutes,
  ...removalRoutes,
  // Its fixed paths come before those with an id.
  ...historyRoutes,
  ...conversationRoutes,
  ...promptRoutes,
  ...jobRoutes,
  ...benchRoutes,
  ...ownerRoutes,
  ...privacyRoutes,
  ...settingRoutes,
  ...storageRoutes,
  ...prefixRoutes,
]
