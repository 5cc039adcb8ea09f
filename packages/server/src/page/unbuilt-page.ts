import type { Reply } from "../route.ts"

/** In place of a page that was not built: where things are, and how to build it. */
export function unbuiltPage(): Reply {
  const body = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Fireside</title></head>
<body>
<h1>Fireside is running</h1>
<p>The page was not built: run <code>npm run build</code>, then load this address again.</p>
<p>Point your programs here: OpenAI at <code>/v1</code>, Ollama and Anthropic at this address itself.</p>
<p><a href="/docs">The API</a> · <a href="/health">Health</a></p>
</body>
</html>
`
  return { type: "text", contentType: "text/html; charset=utf-8", body }
}
