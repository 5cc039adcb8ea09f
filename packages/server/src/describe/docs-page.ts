// The page that shows the API's description, with everything it needs from this server.
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export interface DocsFile {
  readonly contentType: string
  readonly body: string
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fireside API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`
/** No validator of its maker, no address but ours. */
const START = `window.ui = SwaggerUIBundle({ url: "/openapi.json", dom_id: "#swagger-ui", validatorUrl: null, deepLinking: false })
`

/** Undefined for a file that the page does not have. */
export async function docsFile(name: string): Promise<DocsFile | undefined> {
  switch (name) {
    case "":
      return { contentType: "text/html; charset=utf-8", body: PAGE }
    case "start.js":
      return { contentType: "text/javascript; charset=utf-8", body: START }
    case "swagger-ui-bundle.js":
      return { contentType: "text/javascript; charset=utf-8", body: await readFile(assetPath(name), "utf8") }
    case "swagger-ui.css":
      return { contentType: "text/css; charset=utf-8", body: await readFile(assetPath(name), "utf8") }
    default:
      return undefined
  }
}

/** Beside the bundle, where the build puts them; from the sources in the package itself. */
function assetPath(name: string): string {
  const here = dirname(fileURLToPath(import.meta.url))
  if (!import.meta.url.endsWith("docs-page.ts")) return join(here, "swagger-ui", name)
  return createRequire(import.meta.url).resolve(`@fastify/swagger-ui/static/${name}`)
}
