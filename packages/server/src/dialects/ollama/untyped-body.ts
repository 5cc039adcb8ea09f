// Bodies that do not say that they are JSON.
import type { IncomingHttpHeaders } from "node:http"

/**
 * Ollama reads JSON whatever it is called, and its clients rely on that: `curl -d` calls it a form (Ollama's own examples are written so),
 * LiteLLM calls it nothing. Pages can send both anywhere, but no browser sends a POST without Origin, nor one under curl's name.
 */
export function mayBeUntyped(headers: IncomingHttpHeaders): boolean {
  const { origin, "content-type": type, "user-agent": agent = "" } = headers
  if (origin !== undefined || headers["sec-fetch-mode"] !== undefined) return false
  return type === undefined || (type === "application/x-www-form-urlencoded" && agent.startsWith("curl/"))
}
