// `fireside serve` as a process of its own, and what it sends, read as its clients do.
import { type ChildProcess, spawnSync } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import type { Fireside } from "./fireside.ts"

export interface Serving extends AsyncDisposable {
  readonly url: string
  readonly child: ChildProcess
  /** Resolves when the process is gone: its exit code, null after a signal. */
  readonly ended: Promise<number | null>
  post(path: string, body: object, headers?: Readonly<Record<string, string>>): Promise<Response>
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** Of the process that computes; undefined when no model is loaded. */
  enginePid(): Promise<number | undefined>
}

/** Resolves when it can be reached. */
export async function startServing(fireside: Fireside, flags: readonly string[] = []): Promise<Serving> {
  const child = fireside.start(["serve", "--port", "0", "--ollama-port", "off", "--json", ...flags])
  const ended = once(child, "close").then(([code]) => code as number | null)
  let err = ""
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString()
  })
  const lines = createInterface({ input: child.stdout })
  const line = await Promise.race([once(lines, "line").then(([text]) => text as string), ended])
  if (typeof line !== "string") throw new Error(`serve ended with ${line}: ${err}`)
  const { url } = JSON.parse(line) as { url: string }
  const serving: Serving = {
    url,
    child,
    ended,
    post: (path, body, headers = {}) =>
      fetch(`${url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
    get: (path, headers = {}) => fetch(`${url}${path}`, { headers }),
    async enginePid() {
      const running = (await (await serving.get("/api/fireside/v1/running")).json()) as { pid: number }[]
      return running[0] === undefined ? undefined : innermost(running[0].pid)
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL")
      await ended
    },
  }
  return serving
}

/** A sandbox is a process around the one that computes. */
function innermost(pid: number): number {
  const child = Number(spawnSync("pgrep", ["-P", String(pid)], { encoding: "utf8" }).stdout.split("\n")[0])
  return child > 0 ? innermost(child) : pid
}

/** A stream that is read in two steps: until it says something, then to its end. */
export interface OpenStream {
  readonly status: number
  /** Everything, as it came. Throws when the socket broke. */
  rest(): Promise<string>
}

/** Resolves when the text so far contains `mark`, or the stream is over. */
export async function readUntil(response: Response, mark: string): Promise<OpenStream> {
  const { body } = response
  if (body === null) throw new Error("an answer without a body")
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ""
  let isOver = false
  const step = async (): Promise<void> => {
    const { done, value } = await reader.read()
    isOver = done
    text += value ?? ""
  }
  while (!isOver && !text.includes(mark)) await step()
  return {
    status: response.status,
    async rest() {
      while (!isOver) await step()
      return text
    },
  }
}

/** One that has ended and that nobody collects is none. */
export function isAlive(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" })
  return /^[^Z\s]/.test(stdout.trim())
}
