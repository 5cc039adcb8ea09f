// Drives the user's own pip or npm, as it is configured, to download one package and do nothing else with it: no build, no script, no
// install. Every connection it makes goes through the broker's proxy.
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import type { EgressPurpose } from "@fireside/egress"
import { type Environment, makeFolder, runProgram } from "@fireside/host"
import { AppError } from "@fireside/protocol"
import type { RateLimit } from "../download/rate-limit.ts"
import type { SourceWorld } from "../source.ts"
import { explainEnd } from "./explain-end.ts"

/** What differs between pip and npm. */
export interface ClientKind {
  readonly name: "pip" | "npm"
  /** Commands that are tried when none is configured. */
  readonly commands: readonly (readonly string[])[]
  /** Arguments that print the configuration from which the hosts are read. */
  readonly hostsArgs: readonly string[]
  /** Host names of the index that this client uses by its configuration. */
  readonly readHosts: (output: string) => readonly string[]
  /** Arguments that put the package's archive into `folder`. Must never run code of the package. */
  readonly downloadArgs: (request: ClientDownload) => readonly string[]
  /** Settings that the environment adds: there, and not in the arguments, because other users of the machine see those. */
  readonly environment: (place: ClientPlace) => Environment
  /** The archive's size, when a line of output tells it. */
  readonly readSize: (line: string) => number | undefined
  readonly hint: string
}

export interface ClientDownload {
  /** `name`, or name and exact version in the client's own way of writing. */
  readonly spec: string
  readonly folder: string
}

export interface ClientPlace {
  /** For its own temporary files. */
  readonly folder: string
  /** With the proxy's secret in it. */
  readonly proxyUrl: string
}

export interface PackageClientConfig {
  /** Program and arguments, as `["python3", "-m", "pip"]`. Defaults to what is found. */
  readonly command?: readonly string[]
}

export interface PackageRequest {
  readonly spec: string
  /** A folder of this package's own; what is finished in it is never fetched again. */
  readonly folder: string
  readonly purpose: EgressPurpose
  readonly rateLimit: RateLimit
  readonly onProgress: (doneBytes: number, totalBytes: number) => void
}

const WATCH_INTERVAL_MS = 250

/** Gives the path of the finished archive. Throws `model-unavailable`, `network-*`, `disk-full`. */
export async function fetchPackage(
  kind: ClientKind,
  config: PackageClientConfig,
  request: PackageRequest,
  world: SourceWorld,
  signal: AbortSignal,
): Promise<string> {
  const finished = join(request.folder, "archive")
  const present = await onlyFile(finished)
  if (present !== undefined) return present
  // Before a process is started: with the lock on, nothing may even try.
  await world.egress.assertUnlocked(request.purpose)
  const work = join(request.folder, "work")
  await rm(work, { recursive: true, force: true })
  await makeFolder(work)
  const command = await findCommand(kind, config, { folder: work, environment: world.environment }, signal)
  const hosts = await runProgram(
    { command, args: kind.hostsArgs, folder: work, environment: inFolder(world.environment, work) },
    signal,
  )
  await using proxy = await world.egress.openProxy(
    {
      ...request.purpose,
      trustedHosts: kind.readHosts(hosts?.output ?? ""),
      pace: (bytes, stop) => request.rateLimit.take(bytes, stop),
    },
    signal,
  )
  const arrived = join(work, "out")
  await mkdir(arrived, { mode: 0o700 })
  const watch = watchFolder(work, request.onProgress, world)
  try {
    const end = await runProgram(
      {
        command,
        args: kind.downloadArgs({ spec: request.spec, folder: arrived }),
        folder: work,
        environment: {
          ...inFolder(world.environment, work),
          ...proxyEnvironment(proxy.url),
          ...kind.environment({ folder: work, proxyUrl: proxy.url }),
        },
        onLine: (line) => watch.expect(kind.readSize(line) ?? 0),
      },
      signal,
    )
    const archive = await onlyFile(arrived)
    if (end?.code !== 0 || archive === undefined)
      throw await explainEnd({ client: kind.name, request, end }, world)
    await rm(finished, { recursive: true, force: true })
    await rename(arrived, finished)
    return (await onlyFile(finished)) ?? archive
  } finally {
    watch.stop()
    await rm(work, { recursive: true, force: true })
  }
}

async function findCommand(
  kind: ClientKind,
  config: PackageClientConfig,
  place: { readonly folder: string; readonly environment: Environment },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const candidates = config.command === undefined ? kind.commands : [config.command]
  for (const command of candidates) {
    const end = await runProgram({ command, args: ["--version"], ...place }, signal)
    if (end?.code === 0) return command
  }
  throw new AppError("model-unavailable", {
    message: `No ${kind.name} was found (tried ${candidates.map((words) => words.join(" ")).join(", ")}).`,
    hint: kind.hint,
  })
}

/** The user's own environment, with temporary files in our folder: on the disk that was checked, and watched. */
function inFolder(environment: Environment, work: string): Environment {
  return { ...environment, TMPDIR: work, TEMP: work, TMP: work }
}

function proxyEnvironment(url: string): Environment {
  const through = Object.fromEntries(
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].flatMap((name) => [
      [name, url],
      [name.toLowerCase(), url],
    ]),
  )
  // Exceptions of the user's own proxy would be ways around the ledger.
  return { ...through, NO_PROXY: "", no_proxy: "" }
}

async function onlyFile(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => [])
  const archives = names.filter((name) => /\.(?:whl|zip|tgz|tar\.gz)$/i.test(name))
  return archives.length === 1 ? join(folder, archives[0] ?? "") : undefined
}

/** Counts what grows in a folder while another program writes to it. */
function watchFolder(
  folder: string,
  onProgress: (doneBytes: number, totalBytes: number) => void,
  { clock }: SourceWorld,
): { expect(totalBytes: number): void; stop(): void } {
  let total = 0
  let stopped = false
  const look = async (): Promise<void> => {
    const bytes = await largestFile(folder)
    if (stopped) return
    if (bytes > 0) onProgress(total > 0 ? Math.min(bytes, total) : bytes, total)
    timer = clock.setTimer(WATCH_INTERVAL_MS, () => void look())
  }
  let timer = clock.setTimer(WATCH_INTERVAL_MS, () => void look())
  return {
    expect(totalBytes) {
      total = Math.max(total, totalBytes)
    },
    stop() {
      stopped = true
      timer.cancel()
    },
  }
}

/** Of several files (the client copies at the end) the largest is the one that arrives. */
async function largestFile(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        (facts) => facts.size,
        // It was moved while we looked.
        () => 0,
      ),
    )
  return Math.max(0, ...(await Promise.all(sizes)))
}
