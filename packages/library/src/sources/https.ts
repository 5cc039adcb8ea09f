// A GGUF file at an address. Nobody promises its digest, so it is computed and recorded.
import { AppError } from "@fireside/protocol"
import { requireGoodStatus } from "../download/range-response.ts"
import { retry } from "../download/retry.ts"
import { UNKNOWN_LICENCE } from "../licence.ts"
import type { UrlReference } from "../reference.ts"
import type { Source, SourceWorld } from "../source.ts"
import { fetchRemoteFiles, type RemoteFile } from "./remote-files.ts"

export interface UrlConfig {
  /** Origins of the user's own network that may be private or plain http. */
  readonly trustedOrigins?: readonly string[]
}

export function createUrlSource(
  { trustedOrigins = [] }: UrlConfig,
  world: SourceWorld,
): Source<UrlReference> {
  return {
    async offer({ url }, { purpose }, signal) {
      const name = decodeURIComponent(new URL(url).pathname.split("/").at(-1) ?? "") || "model.gguf"
      const attempt = async (): Promise<number> => {
        const response = await world.egress.request(
          { ...purpose, url, method: "HEAD", trustedOrigins, headers: { "accept-encoding": "identity" } },
          signal,
        )
        await response.cancel()
        // Servers that know no HEAD say so; the download itself then finds out.
        if (response.status === 405 || response.status === 501) return 0
        requireGoodStatus(response, name)
        if (/^text\/html\b/i.test(response.headers["content-type"] ?? ""))
          throw new AppError("bad-response", {
            message: `${url} is a web page and not a model.`,
            hint: "Give the address of the file itself.",
            details: { rule: "html" },
          })
        const length = response.headers["content-length"]
        return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : 0
      }
      const sizeBytes = await retry(
        attempt,
        { clock: world.clock, random: world.random, attempts: 3 },
        signal,
      )
      const files: readonly RemoteFile[] = [{ name, role: "weights", sizeBytes, url }]
      return {
        files,
        licence: { ...UNKNOWN_LICENCE, url },
        fetch: (target, stop) => fetchRemoteFiles(files, trustedOrigins, { target, world }, stop),
      }
    },
  }
}
