// Starts llama.cpp's server as its users do, in the two variants of the design, and asks it over loopback.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import type { PeerBinaries } from "./peer-binaries.ts"

/** D: its defaults. T: tuned for eight users on two processors. */
export type ServerVariant = "D" | "T"

export interface ServerOptions {
  readonly peer: PeerBinaries
  readonly modelPath: string
  readonly variant: ServerVariant
  readonly threads: number
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

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const startedAtMs = performance.now()
  const child = spawn(
    options.peer.server,
    [
      "-m",
      options.modelPath,
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      "--offline",
      ...variantFlags(options.variant, options.threads),
    ],
    { stdio: ["ignore", "ignore", "ignore"] },
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

export interface ChatBody {
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  readonly max_tokens: number
  readonly temperature: number
}

export interface StreamTimes {
  /** From `performance.now()`. */
  readonly requestedAtMs: number
  /** Of each delta with text. */
  readonly deltaAtMs: readonly number[]
  readonly text: string
}

/** One streamed chat; asks again while the server is still loading (503 or no connection). */
export async function streamChat(
  server: RunningServer,
  body: ChatBody,
  signal: AbortSignal,
): Promise<StreamTimes> {
  for (;;) {
    signal.throwIfAborted()
    if (server.ending() !== undefined) throw new Error(`llama-server ended with ${server.ending()}`)
    const requestedAtMs = performance.now()
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...body, stream: true }),
      signal,
    }).catch(() => undefined)
    if (response === undefined || response.status === 503) {
      await response?.body?.cancel()
      await pause(RETRY_MS)
      continue
    }
    if (!response.ok || response.body === null) throw new Error(`llama-server answered ${response.status}`)
    return { requestedAtMs, ...(await readDeltas(response.body)) }
  }
}

/** Short against what is measured (hundreds of milliseconds), long enough not to take a processor. */
const RETRY_MS = 3

async function readDeltas(body: ReadableStream<Uint8Array>) {
  const deltaAtMs: number[] = []
  const decoder = new TextDecoder()
  let text = ""
  let rest = ""
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true })
    const lines = rest.split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) {
      const delta = deltaOf(line)
      if (delta === "") continue
      deltaAtMs.push(performance.now())
      text += delta
    }
  }
  return { deltaAtMs, text }
}

interface Chunk {
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[]
}

function deltaOf(line: string): string {
  if (!line.startsWith("data: {")) return ""
  const chunk = JSON.parse(line.slice("data: ".length)) as Chunk // the server's own stream; a wrong form gives no text
  return chunk.choices?.[0]?.delta?.content ?? ""
}

async function answersOk(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined)
  await response?.body?.cancel()
  return response?.ok === true
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1")
  await once(probe, "listening")
  const address = probe.address()
  probe.close()
  if (address === null || typeof address === "string") throw new Error("no free port on loopback")
  return address.port
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
