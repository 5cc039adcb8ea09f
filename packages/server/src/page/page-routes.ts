// The page: one document for all its addresses, and its files. Public, for it holds nothing of anybody; what it shows comes over the API.
import { randomBytes } from "node:crypto"
import { AppError, PAGE_PATHS } from "@fireside/protocol"
import type { Exchange, Reply, Route } from "../route.ts"
import { pageFile } from "./page-files.ts"
import { unbuiltPage } from "./unbuilt-page.ts"

const FILES = ["/icon.svg", "/manifest.webmanifest", "/service-worker.js", "/before-schemas.js"] as const

/** Stands in the built document where each visit's own value belongs. */
const NONCE_PLACE = "STYLE-NONCE"

export const pageRoutes: readonly Route[] = [
  // `/` is that of Ollama's clients too: `operations.ts` has it.
  ...PAGE_PATHS.filter((path) => path !== "/").map(
    (path): Route => ({
      method: "GET",
      path,
      dialect: "native",
      access: "public",
      summary: "The page.",
      handle: page,
    }),
  ),
  ...FILES.map(
    (path): Route => ({
      method: "GET",
      path,
      dialect: "native",
      access: "public",
      summary: "A file of the page.",
      handle: (exchange) => file(path.slice(1), exchange),
    }),
  ),
  {
    method: "GET",
    path: "/assets/:file",
    dialect: "native",
    access: "public",
    summary: "A file of the page whose name changes with its content.",
    handle: (exchange) => file(`assets/${exchange.params.file ?? ""}`, exchange),
  },
]

/** The document, with a nonce that only its own style elements know. */
export async function page(): Promise<Reply> {
  const document = await pageFile({ name: "index.html", acceptsGzip: false })
  if (document === undefined) return unbuiltPage()
  const nonce = randomBytes(16).toString("base64url")
  return {
    type: "text",
    contentType: document.contentType,
    body: new TextDecoder().decode(document.bytes).replaceAll(NONCE_PLACE, nonce),
    headers: { "content-security-policy": policy(nonce) },
  }
}

/**
 * Scripts are files of ours only, strings become markup through the page's one policy, and style elements need the nonce. Attributes of
 * style are set by script and need none. `blob:` and `data:` images are drawn here, from nowhere else.
 */
function policy(nonce: string): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "frame-src 'none'",
    "base-uri 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types default dompurify",
  ].join("; ")
}

async function file(name: string, { headers }: Exchange): Promise<Reply> {
  const acceptsGzip = /\bgzip\b/.test(headers["accept-encoding"] ?? "")
  const found = await pageFile({ name, acceptsGzip })
  if (found === undefined) throw new AppError("not-found", { message: "The page has no such file." })
  return {
    type: "bytes",
    contentType: found.contentType,
    body: found.bytes,
    headers: {
      "cache-control": found.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
      vary: "accept-encoding",
      ...(found.isCompressed ? { "content-encoding": "gzip" } : {}),
    },
  }
}
