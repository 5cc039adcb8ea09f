// The clients of PyPI against the real server with the real model. They are installed by pip into the tests' cache.
import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type ServedApp, serveApp } from "../compat/served-app.ts"

const run = promisify(execFile)
const CACHE = process.env.FIRESIDE_TEST_CACHE
const CLIENTS = join(import.meta.dirname, "..", "compat", "python", "clients.py")
const REQUIREMENTS = join(import.meta.dirname, "..", "compat", "python", "requirements.txt")
const PARIS = "The capital of France is Paris."
const MODEL = "smollm2:135m"

/** Installed once; anew when the list changes. */
async function installClients(cache: string): Promise<string> {
  const site = join(cache, "python-clients")
  const mark = join(site, ".installed")
  const wanted = await readFile(REQUIREMENTS, "utf8")
  if (existsSync(mark) && (await readFile(mark, "utf8")) === wanted) return site
  await mkdir(site, { recursive: true })
  await run(
    "python3",
    ["-m", "pip", "install", "--quiet", "--upgrade", "--target", site, "-r", REQUIREMENTS],
    {
      timeout: 600_000,
    },
  )
  await writeFile(mark, wanted)
  return site
}

describe.skipIf(CACHE === undefined)(
  "PyPI's clients (skipped without FIRESIDE_TEST_CACHE: no weights)",
  () => {
    let served: ServedApp
    let site = ""
    beforeAll(async () => {
      const cache = CACHE ?? ""
      site = await installClients(cache)
      served = await serveApp({ engine: "llama" })
      const signal = new AbortController().signal
      for await (const _ of served.app.models.importFile(join(cache, "smollm2.gguf"), MODEL, signal));
    }, 700_000)
    afterAll(() => served?.[Symbol.asyncDispose]())

    async function call(client: string): Promise<Record<string, unknown>> {
      const { stdout } = await run("python3", [CLIENTS, client, served.url, MODEL], {
        env: { PATH: process.env.PATH ?? "", HOME: served.home, PYTHONPATH: site },
        timeout: 150_000,
      })
      return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>
    }

    test("openai", async () => {
      expect(await call("openai")).toEqual({
        models: [MODEL],
        whole: PARIS,
        streamed: PARIS,
        tool: ["get_weather", ["place"]],
        vectors: 2,
        response: PARIS,
      })
    })

    test("ollama", async () => {
      expect(await call("ollama")).toEqual({
        models: [MODEL],
        whole: PARIS,
        streamed: PARIS,
        generated: PARIS,
        vectors: 2,
        running: expect.arrayContaining([MODEL]),
      })
    })

    test("anthropic", async () => {
      expect(await call("anthropic")).toEqual({ whole: PARIS, streamed: PARIS, counted: 42 })
    })

    test("litellm", async () => {
      expect(await call("litellm")).toEqual({ whole: PARIS, ollama: PARIS, streamed: PARIS })
    })

    test("llm", async () => {
      expect(await call("llm")).toMatchObject({ whole: PARIS })
    })
  },
)
