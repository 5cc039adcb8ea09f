// A server whose hub is one on loopback, with the real small weights in it; a browser beside it.
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { type LoopbackServer, serveHub, startLoopbackServer } from "@fireside/library/testing"
import { afterAll, beforeAll } from "vitest"
import { createFireside } from "../fireside.ts"
import { startServing } from "../serve-process.ts"
import { openBrowser, type PageWorld } from "./browser.ts"

/** Where the tests keep real weights; undefined: nowhere. */
export const WEIGHTS_FOLDER = process.env.FIRESIDE_TEST_CACHE
export const SMALL_MODEL = "smollm2:135m"
export const SMALL_TITLE = "SmolLM2 135M Instruct"
/** A catalogue of some hub would not have it. */
export const ONLY_AT_HUB = "somebody/Driftwood-135M-GGUF"

export interface HubWorld extends PageWorld {
  readonly hub: LoopbackServer
  readonly weightsBytes: number
}

export interface HubWorldOptions {
  /** Names under which the weights are in the library already. */
  readonly imported?: readonly string[]
}

/** Call it beside the tests of a file, within what is skipped without weights. */
export function useHubWorld({ imported = [] }: HubWorldOptions = {}): HubWorld {
  const world: { -readonly [Key in keyof HubWorld]?: HubWorld[Key] } = {}
  beforeAll(async () => {
    const path = join(WEIGHTS_FOLDER ?? "", "smollm2.gguf")
    const weights = await readFile(path)
    const hub = await startLoopbackServer()
    for (const [id, file] of [
      ["bartowski/SmolLM2-135M-Instruct-GGUF", "SmolLM2-135M-Instruct-Q4_K_M.gguf"],
      [ONLY_AT_HUB, "Driftwood-135M-Q4_K_M.gguf"],
    ] as const)
      serveHub(hub, { id, files: { [file]: weights }, licence: "apache-2.0" })
    hub.content.set("/api/models", {
      json: [
        {
          id: ONLY_AT_HUB,
          downloads: 1200,
          tags: ["gguf", "license:apache-2.0"],
          gguf: { total: 134_515_008, context_length: 8192, architecture: "llama" },
        },
      ],
    })
    const fireside = await createFireside()
    for (const name of imported) {
      const { exitCode, err } = await fireside.call(["import", path, "--name", name])
      if (exitCode !== 0) throw new Error(`import of ${name}: ${err}`)
    }
    const environment = { FIRESIDE_HF_ENDPOINT: hub.origin }
    const serving = await startServing({ ...fireside, start: (argv) => fireside.start(argv, environment) })
    Object.assign(world, { hub, weightsBytes: weights.length, fireside, serving })
    world.browser = await openBrowser()
  })
  afterAll(async () => {
    await world.browser?.close()
    await world.serving?.[Symbol.asyncDispose]()
    await world.fireside?.[Symbol.asyncDispose]()
    await world.hub?.[Symbol.asyncDispose]()
  })
  return world as HubWorld // vitest runs nothing before `beforeAll` has ended
}
