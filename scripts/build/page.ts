// Builds the page alone, for running from the sources: `npm start` calls it when the page is missing or older than its sources.
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { buildPage } from "../../packages/web/build-page.ts"

await buildPage(join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "dist", "web"))
