// Fetching the files of an offer that lie at addresses: what hub, registry and https have in common.
import { createHash } from "node:crypto"
import { join } from "node:path"
import { makeFolder } from "@fireside/host"
import { download } from "../download/download.ts"
import { createProgressMeter } from "../download/progress-meter.ts"
import type { Fetched, FetchedFile, FetchTarget, OfferedFile, SourceWorld } from "../source.ts"

export interface RemoteFile extends OfferedFile {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
}

export async function fetchRemoteFiles(
  files: readonly RemoteFile[],
  trustedOrigins: readonly string[],
  { target, world }: { readonly target: FetchTarget; readonly world: SourceWorld },
  signal: AbortSignal,
): Promise<Fetched> {
  await makeFolder(target.folder)
  const fetched: FetchedFile[] = []
  for (const file of files) fetched.push(await fetchOne(file, trustedOrigins, { target, world }, signal))
  return { files: fetched, cleanUp: async () => {} }
}

async function fetchOne(
  file: RemoteFile,
  trustedOrigins: readonly string[],
  { target, world }: { readonly target: FetchTarget; readonly world: SourceWorld },
  signal: AbortSignal,
): Promise<FetchedFile> {
  const { name, role, sha256, sizeBytes } = file
  if (sha256 !== undefined && (await target.has(sha256, sizeBytes)))
    return { name, role, sizeBytes, sha256, path: undefined }
  const result = await download(
    {
      file: name,
      url: file.url,
      sizeBytes,
      sha256,
      partialPath: join(target.folder, partialName(file)),
      weights: role === "weights" || role === "adapter" || role === "projector",
      ...(file.headers === undefined ? {} : { headers: file.headers }),
    },
    {
      egress: world.egress,
      purpose: target.purpose,
      trustedOrigins,
      clock: world.clock,
      random: world.random,
      rateLimit: target.rateLimit,
      diskSpace: world.diskSpace,
      meter: createProgressMeter(name, target.onEvent, world.clock),
      onNotice: (message) => target.onEvent({ type: "notice", message }),
      ...(world.bounds === undefined ? {} : { bounds: world.bounds }),
    },
    signal,
  )
  return { name, role, ...result }
}

/** The same file has the same partial in every run and from every source that promises the same digest. */
function partialName(file: Pick<RemoteFile, "sha256" | "url">): string {
  if (file.sha256 !== undefined) return `sha256-${file.sha256}.part`
  return `url-${createHash("sha256").update(file.url).digest("hex")}.part`
}
