// How a client finds out that it speaks to an Ollama server: the text at `/`, and the version.
import { z } from "@fireside/protocol"
import type { Reply, Route } from "../../route.ts"

/**
 * The version of Ollama whose API this is. Only digits and dots: clients read it as three numbers, and switch features on by them.
 */
const OLLAMA_VERSION = "0.32.9"

/** What stands at `/` for Ollama's clients, which look whether it answers. */
export const ollamaRoot = (): Reply => ({
  type: "text",
  body: "Ollama is running",
  contentType: "text/plain; charset=utf-8",
})

/** Does the client of a request for `/` want Ollama's text? A browser asks for a page. */
export function wantsOllamaRoot(headers: Readonly<Record<string, string | undefined>>): boolean {
  return !/\btext\/html\b/i.test(headers.accept ?? "")
}

export const identityRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/api/version",
    dialect: "ollama",
    access: "public",
    summary: "The version of Ollama's API that is spoken here.",
    response: z.object({ version: z.string() }),
    handle: async () => ({ type: "json", body: { version: OLLAMA_VERSION } }),
  },
  {
    method: "HEAD",
    path: "/api/version",
    dialect: "ollama",
    access: "public",
    summary: "Is an Ollama server there?",
    handle: async () => ({ type: "empty", status: 200 }),
  },
]
