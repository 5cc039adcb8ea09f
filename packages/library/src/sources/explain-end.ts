// What a package client that failed said → one sentence. Its own words go with the details, for who asks for them.
import type { ProgramEnd } from "@fireside/host"
import { AppError } from "@fireside/protocol"
import { explainWriteError } from "../download/disk.ts"
import type { SourceWorld } from "../source.ts"

export interface FailedClient {
  readonly client: "pip" | "npm"
  readonly request: { readonly spec: string; readonly folder: string }
  readonly end: ProgramEnd | undefined
}

const OUTPUT_LINES = 20
const OUTPUT_LINE_LENGTH = 500

const NO_SPACE = /No space left on device|ENOSPC|disk quota/i
/** Before what is missing: pip finds no version of anything when it reaches no index. */
const UNREACHED =
  /ProxyError|NewConnectionError|Max retries exceeded|Failed to establish a new connection|Temporary failure in name resolution|Name or service not known|getaddrinfo|Network is unreachable|Connection (?:refused|reset|aborted|timed out)|Read ?Timeout|Tunnel connection failed|\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENETDOWN)\b/i
const NOT_THERE = /No matching distribution|Could not find a version|\bE404\b|404 Not Found|\bETARGET\b/i

/** `disk-full`, or `model-unavailable` with `details.output`: the last lines of what the client said. */
export async function explainEnd(
  { client, request, end }: FailedClient,
  world: SourceWorld,
): Promise<unknown> {
  const { spec, folder } = request
  // The proxy's address carries its secret, which is nobody's to read.
  const said = (end?.errors ?? "").replace(/\/\/[^/\s@]*@/g, "//")
  if (NO_SPACE.test(said)) {
    const full = new AppError("disk-full", { message: "The disk is full." })
    return explainWriteError(full, { folder, neededBytes: 0, what: spec }, world.diskSpace)
  }
  const output = said
    .split("\n")
    .map((line) => line.replace(/[\p{C}]/gu, " ").trim())
    .filter((line) => line !== "")
    .slice(-OUTPUT_LINES)
    .map((line) => line.slice(0, OUTPUT_LINE_LENGTH))
  return new AppError("model-unavailable", {
    ...explain({ client, spec, said, code: end?.code ?? null }),
    details: { client, exitCode: end?.code ?? null, output },
  })
}

interface Said {
  readonly client: "pip" | "npm"
  readonly spec: string
  readonly said: string
  readonly code: number | null
}

function explain({ client, spec, said, code }: Said): { message: string; hint: string } {
  if (UNREACHED.test(said))
    return {
      message: `${client} could not reach its package index, so ${spec} was not downloaded.`,
      hint: "Check the network and try again; --verbose shows what it said.",
    }
  if (NOT_THERE.test(said))
    return {
      message: `${client} finds no package ${spec} for this computer.`,
      hint: "Check its name; --verbose shows what it said.",
    }
  return {
    message: `${client} could not get ${spec}: it ended ${code === null ? "by a signal" : `with code ${code}`}.`,
    hint: `Try "${client}" by itself to see whether its index is reachable; --verbose shows what it said.`,
  }
}
