// Makes a loopback server look like the hub: model entry, list of files, and files that lie behind a redirect.
import { createHash } from "node:crypto"
import type { LoopbackServer } from "./loopback-server.ts"

export interface ServedRepository {
  /** `owner/repo` */
  readonly id: string
  readonly files: Readonly<Record<string, Uint8Array>>
  /** As on a model card: `apache-2.0`. */
  readonly licence?: string
  /** Files that the hub gives no sha256 for. */
  readonly withoutDigest?: readonly string[]
}

export const HUB_REVISION = "0123456789abcdef0123456789abcdef01234567"

/** The paths under which the bytes lie, for faults: by file name. */
export function serveHub(
  server: LoopbackServer,
  repository: ServedRepository,
): Readonly<Record<string, string>> {
  const { id, files, licence, withoutDigest = [] } = repository
  const paths: Record<string, string> = {}
  server.content.set(`/api/models/${id}`, {
    json: { id, sha: HUB_REVISION, ...(licence === undefined ? {} : { cardData: { license: licence } }) },
  })
  const list = Object.entries(files).map(([name, bytes]) => {
    const oid = createHash("sha256").update(bytes).digest("hex")
    const path = `/cdn/${oid}/${name}`
    paths[name] = path
    server.content.set(path, bytes)
    server.redirects.set(`/${id}/resolve/${HUB_REVISION}/${name}`, path)
    const lfs = withoutDigest.includes(name) ? {} : { lfs: { oid, size: bytes.length } }
    return { type: "file", path: name, size: bytes.length, ...lfs }
  })
  server.content.set(`/api/models/${id}/tree/${HUB_REVISION}`, {
    json: [{ type: "file", path: "README.md", size: 10 }, ...list],
  })
  return paths
}
