// The files of the page as the build made them. They are the same for everybody and hold nothing of anybody.
import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export interface PageFile {
  readonly bytes: Uint8Array
  readonly contentType: string
  /** Its name changes with its content: it may be kept for ever. */
  readonly isImmutable: boolean
  /** Compressed with gzip. */
  readonly isCompressed: boolean
}

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json; charset=utf-8",
  png: "image/png",
  svg: "image/svg+xml",
  webmanifest: "application/manifest+json; charset=utf-8",
  webp: "image/webp",
  woff2: "font/woff2",
}

/** One name in a folder: no dot in front, no path. */
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/

export interface PageFileWish {
  /** `index.html`, `assets/main-1a2b3c.js`. */
  readonly name: string
  readonly acceptsGzip: boolean
}

/** Undefined for what the page does not have, and when it was not built. */
export async function pageFile(
  { name, acceptsGzip }: PageFileWish,
  folder = pageFolder(),
): Promise<PageFile | undefined> {
  const parts = name.split("/")
  const contentType = TYPES[name.slice(name.lastIndexOf(".") + 1)]
  const isAsset = parts.length === 2 && parts[0] === "assets"
  if (
    contentType === undefined ||
    (parts.length !== 1 && !isAsset) ||
    !parts.every((part) => NAME.test(part))
  )
    return undefined
  const path = join(folder, ...parts)
  const compressed = acceptsGzip && name !== "index.html" ? await readIfThere(`${path}.gz`) : undefined
  const bytes = compressed ?? (await readIfThere(path))
  return bytes && { bytes, contentType, isImmutable: isAsset, isCompressed: compressed !== undefined }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "EISDIR"))
      return undefined
    throw error
  }
}

/** Beside the bundle; from the sources, where `npm run build` puts it. */
function pageFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  return import.meta.url.endsWith("page-files.ts")
    ? join(here, "..", "..", "..", "..", "dist", "web")
    : join(here, "web")
}
