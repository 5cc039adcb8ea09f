// llama-server as a contestant, in the variants of the design.
import { Agent } from "node:http"
import { librariesOf, type ServerVariant, startServer, variantFlags } from "../peer/llama-server.ts"
import type { Libraries, PeerBinaries } from "../peer/peer-binaries.ts"
import type { Bench } from "../scenario.ts"
import type { ChatServer, ServerChoice } from "./chat-server.ts"
import { sayHello } from "./fireside-choice.ts"

export interface LlamaOptions {
  /** Beside those of the variant. */
  readonly flags?: readonly string[]
  /** Of the flags, what the page may say: paths are left out. Defaults to all of them. */
  readonly shownFlags?: string
  readonly modelPath?: string
  readonly libraries?: Libraries
  readonly warmUp?: (server: ChatServer, signal: AbortSignal) => Promise<unknown>
}

export function llamaChoice(bench: Bench, variant: ServerVariant, options: LlamaOptions = {}): ServerChoice {
  const { flags = [], modelPath = bench.modelPath, warmUp = sayHello } = options
  const { peer } = bench
  const libraries = options.libraries ?? librariesOf(peer)
  const threads = bench.hardware.physicalCores
  const shown = options.shownFlags ?? flags.join(" ")
  return {
    name: llamaName(variant, libraries, peer),
    description: [
      variantFlags(variant, threads).join(" ") || "its defaults",
      ...(shown === "" ? [] : [shown]),
      describeLibraries(libraries),
    ].join(", "),
    async start(signal) {
      const running = await startServer({ peer, modelPath, variant, threads, libraries, flags })
      const agent = new Agent({ keepAlive: true })
      const server: ChatServer = {
        url: running.url,
        pid: running.pid,
        model: "any",
        agent,
        async [Symbol.asyncDispose]() {
          agent.destroy()
          await running[Symbol.asyncDispose]()
        },
      }
      try {
        await running.healthy(signal)
        await warmUp(server, signal)
      } catch (error) {
        await server[Symbol.asyncDispose]()
        throw error
      }
      return server
    },
  }
}

export function describeLibraries(libraries: Libraries): string {
  return libraries === "prebuilt" ? "with the engine's prebuilt libraries" : "its own build"
}

function llamaName(variant: ServerVariant, libraries: Libraries, peer: PeerBinaries): string {
  return `llama-server ${variant}${libraries === librariesOf(peer) ? "" : " on its own build"}`
}
