// The suite that every source passes.
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { AppError } from "@fireside/protocol"
import { describe, expect, it } from "vitest"
import { UNLIMITED } from "./download/rate-limit.ts"
import type { PlainReference } from "./reference.ts"
import type { FetchTarget, Source } from "./source.ts"

export interface SourceFixture<Kind extends PlainReference> extends AsyncDisposable {
  readonly source: Source<Kind>
  readonly reference: Kind
  /** One that the source does not have. */
  readonly missing: Kind
  /** The weights that come. */
  readonly bytes: Uint8Array
  /** An empty folder. */
  readonly folder: string
  /** Bytes of weights that left the other side so far. */
  weightsSent(): number
  /** Attempts to reach anything outside so far; undefined for sources that need nothing outside. */
  contacts(): number | undefined
  lock(): void
}

const purpose = { reason: "download x", feature: "pull", contentClass: "model-id" } as const
const never = new AbortController().signal

export function describeSource<Kind extends PlainReference>(
  name: string,
  open: () => Promise<SourceFixture<Kind>>,
): void {
  const target = (fixture: SourceFixture<Kind>, changes: Partial<FetchTarget> = {}): FetchTarget => ({
    folder: fixture.folder,
    has: async () => false,
    onEvent: () => {},
    rateLimit: UNLIMITED,
    purpose,
    ...changes,
  })

  describe(`${name} as a source`, () => {
    it("offers weights without touching them", async () => {
      await using fixture = await open()
      const offer = await fixture.source.offer(fixture.reference, { purpose }, never)
      expect(offer.files.some((file) => file.role === "weights")).toBe(true)
      expect(fixture.weightsSent()).toBe(0)
    })

    it("fetches the weights, hashed", async () => {
      await using fixture = await open()
      const offer = await fixture.source.offer(fixture.reference, { purpose }, never)
      const { files, cleanUp } = await offer.fetch(target(fixture), never)
      const weights = files.filter((file) => file.role === "weights")
      expect(weights).toHaveLength(1)
      const sha256 = createHash("sha256").update(fixture.bytes).digest("hex")
      expect(weights[0]).toMatchObject({ sha256, sizeBytes: fixture.bytes.length })
      expect(Buffer.compare(await readFile(weights[0]?.path ?? ""), fixture.bytes)).toBe(0)
      await cleanUp()
    })

    it("stops when it is told to, and can be asked again", async () => {
      await using fixture = await open()
      const offer = await fixture.source.offer(fixture.reference, { purpose }, never)
      const stop = new AbortController()
      stop.abort()
      await expect(offer.fetch(target(fixture), stop.signal)).rejects.toThrow()
      const { files } = await offer.fetch(target(fixture), never)
      expect(files.some((file) => file.role === "weights")).toBe(true)
    })

    it("says in an error of ours what it does not have", async () => {
      await using fixture = await open()
      const attempt = async (): Promise<unknown> => {
        const offer = await fixture.source.offer(fixture.missing, { purpose }, never)
        return await offer.fetch(target(fixture), never)
      }
      const error = await attempt().catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(AppError)
      expect(["model-unavailable", "not-found"]).toContain((error as AppError).code)
    })

    it("tries nothing when the lock is on", async () => {
      await using fixture = await open()
      if (fixture.contacts() === undefined) return
      fixture.lock()
      const error = await fixture.source
        .offer(fixture.reference, { purpose }, never)
        .catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: "network-locked" })
      expect(fixture.contacts()).toBe(0)
    })
  })
}
