import { createHash, randomBytes } from "node:crypto"
import { mkdtemp, readFile, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AppError, type JobEvent } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { createDirectEgress, type DirectEgress } from "../testing/direct-egress.ts"
import { failure } from "../testing/failure.ts"
import { type LoopbackServer, type ServerFault, startLoopbackServer } from "../testing/loopback-server.ts"
import { createManualClock } from "../testing/manual-clock.ts"
import { type DownloadTask, type DownloadWorld, download } from "./download.ts"
import { sidecarOf } from "./partial-file.ts"
import { createProgressMeter } from "./progress-meter.ts"
import { UNLIMITED } from "./rate-limit.ts"

const KIB = 1024
const BOUNDS = { rangeBytes: 256 * KIB, parallelRanges: 4, attempts: 5 }
const PATH = "/models/tiny.gguf"
const never = new AbortController().signal

let folder: string
let server: LoopbackServer
let egress: DirectEgress
let bytes: Uint8Array
let sha256: string
let events: JobEvent[]
let notices: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fireside-download-"))
  server = await startLoopbackServer()
  egress = createDirectEgress()
  bytes = new Uint8Array(randomBytes(1_100 * KIB))
  bytes.set(Buffer.from("GGUF"))
  sha256 = createHash("sha256").update(bytes).digest("hex")
  server.content.set(PATH, bytes)
  events = []
  notices = []
})

afterEach(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

function world(changes: Partial<DownloadWorld> = {}): DownloadWorld {
  const clock = createManualClock()
  return {
    egress,
    purpose: { reason: "download tiny", feature: "pull", contentClass: "none" },
    trustedOrigins: [server.origin],
    clock,
    random: () => 0.5,
    rateLimit: UNLIMITED,
    diskSpace: async () => ({ freeBytes: 2 ** 40, totalBytes: 2 ** 41 }),
    meter: createProgressMeter("tiny.gguf", (event) => events.push(event), clock),
    onNotice: (message) => notices.push(message),
    bounds: BOUNDS,
    ...changes,
  }
}

function task(changes: Partial<DownloadTask> = {}): DownloadTask {
  return {
    file: "tiny.gguf",
    url: `${server.origin}${PATH}`,
    sizeBytes: bytes.length,
    sha256,
    partialPath: join(folder, "tiny.part"),
    weights: true,
    ...changes,
  }
}

const sentBytes = (): number => server.requests.reduce((sum, request) => sum + request.sentBytes, 0)

describe("download", () => {
  it("fetches ranges and gives the hash of what is on the disk", async () => {
    const result = await download(task(), world(), never)
    expect(result).toEqual({ path: join(folder, "tiny.part"), sizeBytes: bytes.length, sha256 })
    expect(Buffer.compare(await readFile(result.path), bytes)).toBe(0)
    expect(notices).toEqual([])
    expect(server.requests.length).toBe(Math.ceil(bytes.length / BOUNDS.rangeBytes))
    expect(sentBytes()).toBe(bytes.length)
    expect(events.at(-1)).toMatchObject({
      type: "progress",
      doneBytes: bytes.length,
      totalBytes: bytes.length,
    })
  })

  it("takes size and digest as they come where the source does not say", async () => {
    const result = await download(task({ sizeBytes: 0, sha256: undefined }), world(), never)
    expect(result).toMatchObject({ sizeBytes: bytes.length, sha256 })
  })

  it("asks for no byte twice when nothing is missing", async () => {
    await download(task(), world(), never)
    const before = server.requests.length
    expect((await download(task(), world(), never)).sha256).toBe(sha256)
    expect(server.requests.length).toBe(before)
  })

  it("goes on after a pause and fetches at most a chunk again", async () => {
    const pause = new AbortController()
    server.onSent(600 * KIB, () => pause.abort())
    await expect(download(task(), world(), pause.signal)).rejects.toThrow()
    const paused = sentBytes()
    expect((await download(task(), world(), never)).sha256).toBe(sha256)
    expect(paused).toBeLessThan(bytes.length)
    expect(sentBytes()).toBeLessThanOrEqual(bytes.length + BOUNDS.rangeBytes * BOUNDS.parallelRanges)
    expect(server.requests.at(-1)?.headers["if-range"]).toBe(`"v1-${bytes.length}"`)
  })

  it("throws away bytes that are not the promised ones", async () => {
    server.fault = () => ({ type: "wrong-bytes" })
    const error = await failure(download(task(), world(), never))
    expect(error.code).toBe("digest-mismatch")
    await expect(stat(join(folder, "tiny.part"))).rejects.toThrow("ENOENT")
    await expect(stat(sidecarOf(join(folder, "tiny.part")))).rejects.toThrow("ENOENT")
  })

  it("does not begin where the disk has too little room, and says how much is missing", async () => {
    const diskSpace = async (): Promise<{ freeBytes: number; totalBytes: number }> => ({
      freeBytes: 1_000_000,
      totalBytes: 10_000_000,
    })
    const error = await failure(download(task(), world({ diskSpace }), never))
    expect(error.code).toBe("disk-full")
    expect(error.details).toMatchObject({
      neededBytes: bytes.length,
      freeBytes: 1_000_000,
      reserveBytes: 500_000,
    })
    expect(server.requests).toEqual([])
  })

  it("believes no sidecar that is torn or lies", async () => {
    const { writeFile } = await import("node:fs/promises")
    const lies = [
      "{",
      JSON.stringify({ version: 1, sizeBytes: bytes.length, done: [[0, bytes.length]] }),
      JSON.stringify({ version: 2, sizeBytes: bytes.length, done: [] }),
      JSON.stringify({ version: 1, sizeBytes: 7, done: [[0, 7]] }),
    ]
    for (const lie of lies) {
      await writeFile(join(folder, "tiny.part"), "short")
      await writeFile(sidecarOf(join(folder, "tiny.part")), lie)
      expect((await download(task(), world(), never)).sha256).toBe(sha256)
      await rm(join(folder, "tiny.part"))
    }
  })
})

describe("a server that is wrong", () => {
  const twice = (fault: ServerFault) => (_path: string, nth: number) => (nth < 2 ? fault : undefined)

  it.each<[string, ServerFault]>([
    ["500", { type: "status", status: 500 }],
    ["429 with Retry-After", { type: "status", status: 429, headers: { "retry-after": "7" } }],
    ["silence at the start", { type: "stall-at-start" }],
    ["silence in the middle", { type: "stall", afterBytes: 100 * KIB }],
    ["a cut in the middle", { type: "reset", afterBytes: 100 * KIB }],
  ])("is tried again after %s and the file is right", async (_name, fault) => {
    server.fault = twice(fault)
    const clock = createManualClock()
    if (fault.type.startsWith("stall")) egress = createDirectEgress({ idleMs: 500 })
    expect((await download(task(), world({ clock }), never)).sha256).toBe(sha256)
    expect(notices.length).toBeGreaterThan(0)
    if (fault.type === "status" && fault.status === 429) expect(clock.waits[0]).toBe(7_000)
    else expect(clock.waits[0]).toBe(500)
  })

  it("is given up after five tries that bring nothing", async () => {
    server.fault = () => ({ type: "status", status: 503 })
    const error = await failure(download(task(), world(), never))
    expect(error.code).toBe("network-failed")
    expect(error.details.status).toBe(503)
    expect(server.requests.length).toBe(5)
  })

  it("may ignore ranges from the beginning: the file comes whole", async () => {
    server.fault = () => ({ type: "ignore-range" })
    expect((await download(task(), world(), never)).sha256).toBe(sha256)
    expect(server.requests.length).toBe(1)
  })

  it("may ignore ranges on resuming: it begins anew", async () => {
    const pause = new AbortController()
    server.onSent(600 * KIB, () => pause.abort())
    await expect(download(task(), world(), pause.signal)).rejects.toThrow()
    server.fault = () => ({ type: "ignore-range" })
    expect((await download(task(), world(), never)).sha256).toBe(sha256)
    expect(notices.join()).toContain("beginning anew")
  })

  it("that ignores ranges and always cuts is given up", async () => {
    server.fault = (_path, nth) =>
      nth % 2 === 0 ? { type: "ignore-range" } : { type: "status", status: 500 }
    let cuts = 0
    const inner = egress.request
    egress.request = async (request, signal) => {
      const response = await inner(request, signal)
      return { ...response, body: cutAfter(response.body, 400 * KIB, () => (cuts += 1)) }
    }
    expect((await failure(download(task(), world(), never))).code).toBe("network-failed")
    expect(cuts).toBeLessThan(10)
  })

  it("that changes its ETag once is begun anew", async () => {
    server.fault = (_path, nth) => (nth === 0 ? { type: "etag", etag: '"old"' } : undefined)
    expect((await download(task(), world(), never)).sha256).toBe(sha256)
    expect(notices.join()).toContain("changed at the source")
  })

  it.each<[string, ServerFault, string]>([
    ["one byte more", { type: "length", difference: 1 }, "wrong-length"],
    ["one byte less", { type: "length", difference: -1 }, "wrong-length"],
    ["a web page", { type: "html" }, "html"],
    ["gzip", { type: "gzip" }, "content-encoding"],
    ["other bytes than asked for", { type: "wrong-range" }, "wrong-range"],
    ["no Content-Range", { type: "no-content-range" }, "content-range"],
    ["a redirect to itself", { type: "redirect", location: PATH }, "redirects"],
  ])("answers %s: bad-response", async (_name, fault, rule) => {
    server.fault = () => fault
    const error = await failure(download(task(), world(), never))
    expect(error.code).toBe("bad-response")
    expect(error.details.rule).toBe(rule)
  })

  it("changes its ETag all the time: bad-response", async () => {
    server.fault = (_path, nth) => ({ type: "etag", etag: `"${nth}"` })
    const error = await failure(download(task(), world(), never))
    expect(error).toMatchObject({ code: "bad-response", details: { rule: "changed-etag" } })
  })

  it.each([401, 403, 404, 410])("answers %d: model-unavailable, not tried again", async (status) => {
    server.fault = () => ({ type: "status", status })
    expect((await failure(download(task(), world(), never))).code).toBe("model-unavailable")
    expect(server.requests.length).toBe(1)
  })

  it("sends a file that is no GGUF: told at its first bytes", async () => {
    server.content.set(PATH, new Uint8Array(bytes.length).fill(0x50))
    const error = await failure(download(task({ sha256: undefined }), world(), never))
    expect(error).toMatchObject({ code: "bad-response", details: { rule: "not-gguf" } })
  })
})

async function* cutAfter(
  body: AsyncIterable<Uint8Array>,
  limit: number,
  onCut: () => void,
): AsyncGenerator<Uint8Array> {
  let seen = 0
  for await (const piece of body) {
    yield piece
    seen += piece.length
    if (seen < limit) continue
    onCut()
    throw new AppError("network-failed", { message: "cut" })
  }
}
