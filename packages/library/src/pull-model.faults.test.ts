// Faults of the machine in the middle of a pull: the process is killed, the disk fills up. `FIRESIDE_KILLS=50` runs the long form.
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { buildTinyModel, seededRandom } from "@fireside/gguf/testing"
import { layoutOf } from "@fireside/host"
import type { AppError } from "@fireside/protocol"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { countPartialBytes } from "./download/partial-file.ts"
import { type LoopbackServer, startLoopbackServer } from "./testing/loopback-server.ts"
import { PULL_CHILD_BOUNDS } from "./testing/pull-child-bounds.ts"
import { serveHub } from "./testing/serve-hub.ts"
import { collect, never, openTestLibrary } from "./testing/test-library.ts"

const MODEL = buildTinyModel({ layers: 30 })
const SHA256 = createHash("sha256").update(MODEL).digest("hex")
const NAME = "hf:o/tiny"
const KILLS = Number(process.env.FIRESIDE_KILLS ?? 10)
const CHILD = fileURLToPath(new URL("./testing/pull-child.ts", import.meta.url))

let server: LoopbackServer

beforeAll(async () => {
  server = await startLoopbackServer()
  serveHub(server, { id: "o/tiny", files: { "tiny-F32.gguf": MODEL }, licence: "mit" })
})
afterAll(() => server[Symbol.asyncDispose]())

interface ChildEnd {
  readonly signal: NodeJS.Signals | null
  readonly output: string
}

function startPull(home: string): { readonly child: ChildProcess; readonly ended: Promise<ChildEnd> } {
  const child = spawn(process.execPath, [CHILD, home, server.origin, NAME], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  let output = ""
  child.stdout?.on("data", (text) => {
    output += String(text)
  })
  const ended = new Promise<ChildEnd>((resolve) =>
    child.once("close", (_code, signal) => resolve({ signal, output })),
  )
  return { child, ended }
}

const sentBytes = (): number => server.requests.reduce((sum, request) => sum + request.sentBytes, 0)

/** How many bytes of the file are in the partial already, durable or not. */
async function writtenBytes(partial: string): Promise<number> {
  const bytes = await readFile(partial).catch(() => Buffer.alloc(0))
  let count = 0
  for (let at = 0; at < Math.min(bytes.length, MODEL.length); at += 1)
    if (bytes[at] === MODEL[at] && MODEL[at] !== 0) count += 1
  return count
}

describe("kill -9 of a pull", () => {
  it(
    `at ${KILLS} random bytes: the same command goes on and the file is right`,
    async () => {
      const random = seededRandom(20_261_124)
      let killed = 0
      for (let round = 0; round < KILLS; round += 1) {
        const home = await mkdtemp(join(tmpdir(), "fireside-kill-"))
        const { blobs, downloads } = layoutOf(home)
        const final = join(blobs, `sha256-${SHA256}`)
        const partial = join(downloads, "hf.co+o+tiny+latest", `sha256-${SHA256}.part`)
        const first = startPull(home)
        server.onSent(Math.floor(random() * MODEL.length), () => first.child.kill("SIGKILL"))
        const { signal } = await first.ended
        if (signal === "SIGKILL" && !existsSync(final)) {
          killed += 1
          const durable = await countPartialBytes(partial)
          expect(await writtenBytes(partial)).toBeLessThanOrEqual(durable + PULL_CHILD_BOUNDS.rangeBytes)
          const before = sentBytes()
          expect((await startPull(home).ended).output).toBe(`sha256:${SHA256}\n`)
          expect(sentBytes() - before).toBe(MODEL.length - durable)
        } else await startPull(home).ended
        expect(
          createHash("sha256")
            .update(await readFile(final))
            .digest("hex"),
        ).toBe(SHA256)
        expect((await readdir(downloads)).filter((name) => !name.includes(".lock"))).toEqual([])
        await rm(home, { recursive: true })
      }
      // A run in which nothing was ever killed has shown nothing.
      expect(killed).toBeGreaterThan(KILLS / 3)
    },
    KILLS * 30_000,
  )
})

const canMount = process.platform === "linux" && process.getuid?.() === 0
describe("a disk that fills up in the middle", () => {
  it.skipIf(!canMount)(
    "keeps the partial, says how much is needed and free, and goes on when there is room (needs root on Linux to mount)",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "fireside-full-"))
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", folder])
      try {
        const paths = layoutOf(folder)
        await using test = await openTestLibrary({ paths, settings: { hfEndpoint: server.origin } })
        // The check beforehand is made to believe in room: another program takes it in the middle.
        const blind = test.open({ diskSpace: async () => ({ freeBytes: 2 ** 40, totalBytes: 2 ** 41 }) })
        const error = await collect(blind.pull(NAME, {}, never)).then(
          () => undefined,
          (reason: AppError) => reason,
        )
        expect(error).toMatchObject({ code: "disk-full" })
        expect(error?.details.neededBytes).toBeGreaterThan(1_000_000)
        expect(error?.details.freeBytes).toBeTypeOf("number")
        expect(existsSync(join(paths.blobs, `sha256-${SHA256}`))).toBe(false)
        const durable = await countPartialBytes(
          join(paths.downloads, "hf.co+o+tiny+latest", `sha256-${SHA256}.part`),
        )
        expect(durable).toBeGreaterThan(0)
        execFileSync("mount", ["-o", "remount,size=64m", folder])
        const before = sentBytes()
        await collect(test.library.pull(NAME, {}, never))
        expect(sentBytes() - before).toBe(MODEL.length - durable)
        expect((await test.library.verify(NAME, never)).ok).toBe(true)
      } finally {
        execFileSync("umount", ["-l", folder])
        await rm(folder, { recursive: true, force: true })
      }
    },
  )
})
