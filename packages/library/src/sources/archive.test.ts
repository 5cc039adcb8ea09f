import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { AppError } from "@fireside/protocol"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type ArchivedFile, buildTarball, buildZip } from "../testing/package-archives.ts"
import { type ArchiveLimits, readArchive, readText, writeMember } from "./archive.ts"

const never = new AbortController().signal
const LIMITS: ArchiveLimits = { archiveEntries: 3, archiveBytes: 3 * 1024 * 1024, archiveRatio: 100 }
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fireside-archive-"))
})
afterEach(() => rm(folder, { recursive: true }))

const KINDS = [
  ["x.whl", buildZip],
  ["x.tgz", buildTarball],
] as const

async function read(file: string, bytes: Uint8Array, limits = LIMITS): Promise<readonly string[]> {
  const path = join(folder, file)
  await writeFile(path, bytes)
  const seen: string[] = []
  const take = async (member: { name: string; body: AsyncIterable<Uint8Array> }): Promise<void> => {
    seen.push(`${member.name}=${(await readText(member, 8 * 1024 * 1024)).length}`)
  }
  await readArchive(path, { wants: () => true, take }, never, limits)
  return seen
}

async function rule(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  )
  if (!(error instanceof AppError)) throw error
  expect(error.code).toBe("bad-response")
  return error.details.rule
}

const files = (count: number): readonly ArchivedFile[] =>
  Array.from({ length: count }, (_, index) => ({ name: `package/${index}`, bytes: "abc" }))

describe.each(KINDS)("%s", (file, build) => {
  it("hands over plain files in order", async () => {
    expect(await read(file, build(files(3)))).toEqual(["package/0=3", "package/1=3", "package/2=3"])
  })

  it("counts entries", async () => {
    expect(await rule(read(file, build(files(4))))).toBe("archive-entries")
  })

  it("counts bytes: n passes, n + 1 does not", async () => {
    // Not compressible, so that the ratio has no say; a tarball's headers count as well.
    const noise = Buffer.from(Array.from({ length: 2 * 1024 * 1024 }, (_, at) => (at * 2_654_435_761) >>> 13))
    const bytes = build([{ name: "package/a", bytes: noise }])
    const size = file === "x.whl" ? noise.length : noise.length + 512 + 1_024
    await expect(read(file, bytes, { ...LIMITS, archiveBytes: size })).resolves.toHaveLength(1)
    expect(await rule(read(file, bytes, { ...LIMITS, archiveBytes: size - 1 }))).toBe("archive-bytes")
  })

  it("stops a bomb by its ratio", async () => {
    const bomb = build([{ name: "package/a", bytes: Buffer.alloc(2_500_000) }])
    expect(await rule(read(file, bomb))).toBe("archive-bytes")
  })

  it("passes links and folders over", async () => {
    const link = { name: "package/link.gguf", bytes: "/etc/passwd", mode: 0o120777 }
    expect(await read(file, build([link, ...files(1)]))).toEqual(["package/0=3"])
  })

  it.each([0.1, 0.5, 0.95])("says that an archive cut at %d of its length is broken", async (share) => {
    const bytes = build([
      {
        name: "package/a",
        bytes: Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * 2_654_435_761) >>> 13)),
      },
    ])
    expect(await rule(read(file, bytes.subarray(0, Math.floor(bytes.length * share))))).toBe("archive-broken")
  })

  it("gives up when the reader of a member fails", async () => {
    const path = join(folder, file)
    await writeFile(path, build([{ name: "package/a", bytes: Buffer.alloc(900_000, 7) }]))
    const take = async (): Promise<void> => {
      throw new AppError("disk-full", { message: "full" })
    }
    const error = await readArchive(path, { wants: () => true, take }, never).catch(
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ code: "disk-full" })
  })
})

describe("members", () => {
  it("of a hostile name go where we say", async () => {
    const zip = buildZip([{ name: "package/../../../../evil.gguf", bytes: "abc" }])
    // The zip reader itself refuses such names.
    expect(await rule(read("x.whl", zip))).toBe("archive-broken")
    const path = join(folder, "y.tgz")
    await writeFile(path, buildTarball([{ name: "package/../../../../evil.gguf", bytes: "abc" }]))
    const target = join(folder, "mine")
    const take = async (member: { name: string; body: AsyncIterable<Uint8Array> }): Promise<void> => {
      expect(await writeMember(member, target, () => {})).toMatchObject({ path: target, sizeBytes: 3 })
    }
    await readArchive(path, { wants: () => true, take }, never)
  })

  it("that are texts have a limit: n passes, n + 1 does not", async () => {
    const body = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from("abc")
    }
    expect(await readText({ name: "a", body: body() }, 3)).toBe("abc")
    expect(await rule(readText({ name: "a", body: body() }, 2))).toBe("member-bytes")
  })
})
