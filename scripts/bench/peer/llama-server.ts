// Starts llama.cpp's server as its users do, in the two variants of the design, and asks it over loopback.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { Agent } from "node:http"
import { freePort } from "../http/free-port.ts"
import { HttpRefused } from "../http/post-json.ts"
import { type ChatBody, type StreamedChat, streamChat } from "../http/stream-chat.ts"
import { type Libraries, type PeerBinaries, placeOf } from "./peer-binaries.ts"

/** D: its defaults. T: tuned for eight users on two processors. */
export type ServerVariant = "D" | "T"

export interface ServerOptions {
  readonly peer: PeerBinaries
  readonly modelPath: string
  readonly variant: ServerVariant
  readonly threads: number
  /** Which libraries compute. Defaults to the engine's own, so that what differs is not the compiler's work. */
  readonly libraries?: Libraries
  /** Beside those of the variant. */
  readonly flags?: readonly string[]
}

export interface RunningServer extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** `performance.now()` right before the program was started. */
  readonly startedAtMs: number
  /** How it ended: an exit code, a signal; undefined while it runs. */
  ending(): string | undefined
  /** Resolves when `/health` answers 200. Throws when the program has ended. */
  healthy(signal: AbortSignal): Promise<void>
}

export function variantFlags(variant: ServerVariant, threads: number): readonly string[] {
  return variant === "D"
    ? []
    : [
        ...["-np", "8", "-c", "32768", "-b", "256", "-ub", "256"],
        ...["--spec-default", "--cache-reuse", "64", "-t", String(threads)],
      ]
}

/** What a server runs on unless it is told: the engine's libraries where its names can be given to them. */
export function librariesOf(peer: PeerBinaries): Libraries {
  return peer.prebuilt === undefined ? "native" : "prebuilt"
}

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const startedAtMs = performance.now()
  const { peer, modelPath, variant, threads, libraries = librariesOf(peer), flags = [] } = options
  const place = placeOf(peer, libraries)
  const child = spawn(
    peer.server,
    [
      ...["-m", modelPath, "--host", "127.0.0.1", "--port", String(port), "--offline"],
      ...variantFlags(variant, threads),
      ...flags,
    ],
    {
      stdio: ["ignore", "ignore", "ignore"],
      env: { ...process.env, ...place.env },
      ...(place.cwd === undefined ? {} : { cwd: place.cwd }),
    },
  )
  const ended = once(child, "close")
  await once(child, "spawn")
  // A program that a signal ended has no exit code.
  const ending = (): string | undefined => child.signalCode ?? child.exitCode?.toString()
  const endWithUs = () => child.kill("SIGKILL")
  process.once("exit", endWithUs)
  return {
    url,
    pid: child.pid ?? 0,
    startedAtMs,
    ending,
    async healthy(signal) {
      while (ending() === undefined) {
        signal.throwIfAborted()
        if (await answersOk(`${url}/health`)) return
        await pause(RETRY_MS)
      }
      throw new Error(`llama-server ended with ${ending()}`)
    },
    async [Symbol.asyncDispose]() {
      process.off("exit", endWithUs)
      child.kill("SIGKILL")
      await ended
    },
  }
}

/** One streamed chat; asks again while the server is still loading (503 or no connection). */
export async function chatWhenLoaded(
  server: RunningServer,
  body: ChatBody,
  signal: AbortSignal,
): Promise<StreamedChat> {
  const agent = new Agent({ keepAlive: true })
  try {
    for (;;) {
      signal.throwIfAborted()
      if (server.ending() !== undefined) throw new Error(`llama-server ended with ${server.ending()}`)
      try {
        return await streamChat({ url: server.url, agent }, body, signal)
      } catch (error) {
        if (!isLoading(error)) throw error
        await pause(RETRY_MS)
      }
    }
  } finally {
    agent.destroy()
  }
}

function isLoading(error: unknown): boolean {
  if (error instanceof HttpRefused) return error.status === 503
  return (
    error instanceof Error && "code" in error && ["ECONNREFUSED", "ECONNRESET"].includes(String(error.code))
  )
}

/** Short against what is measured (hundreds of milliseconds), long enough not to take a processor. */
const RETRY_MS = 3

async function answersOk(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined)
  await response?.body?.cancel()
  return response?.ok === true
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
