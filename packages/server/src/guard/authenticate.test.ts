import { AppError, KEY_LIMITS, type KeySummary } from "@fireside/protocol"
import { beforeEach, describe, expect, test } from "vitest"
import { OWNER } from "../caller.ts"
import { type Authentication, authenticate, type CredentialHeaders } from "./authenticate.ts"
import { createWrongKeys } from "./wrong-keys.ts"

const VALID = `fs-${"a".repeat(43)}`
const REVOKED = `fs-${"b".repeat(43)}`
const KEY: KeySummary = {
  id: "key-1",
  name: "phone",
  prefix: "fs-aaaa",
  scopes: ["chat"],
  models: null,
  requestsPerMinute: null,
  tokensPerDay: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  lastUsedAt: null,
  revokedAt: null,
  tokensToday: 0,
}

let now = 0
let world: Authentication & { hasKeys: boolean }
beforeEach(() => {
  now = 0
  world = {
    hasKeys: true,
    keys: {
      authenticate: async (secret) => (secret === VALID ? KEY : undefined),
      any: async () => world.hasKeys,
    },
    token: "the-token-of-this-run",
    isOpen: false,
    wrongKeys: createWrongKeys(() => now),
  }
})

const ask = (headers: CredentialHeaders) => authenticate(headers, "10.0.0.9", world)
const verdict = async (headers: CredentialHeaders): Promise<string> => {
  try {
    return (await ask(headers)).owner
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
}
const CARRIERS: Readonly<Record<string, (secret: string) => CredentialHeaders>> = {
  bearer: (secret) => ({ authorization: `Bearer ${secret}` }),
  "x-api-key": (secret) => ({ "x-api-key": secret }),
  cookie: (secret) => ({ cookie: `theme=dark; fireside-key=${secret}` }),
}

describe("authenticate", () => {
  test.each(Object.keys(CARRIERS))("the same verdicts for a key as %s", async (carrier) => {
    const as = CARRIERS[carrier] as (secret: string) => CredentialHeaders
    expect(await verdict(as(VALID))).toBe("key-1")
    expect(await verdict(as(REVOKED))).toBe("unauthorised")
    expect(await verdict(as("made-up"))).toBe("unauthorised")
    expect(await verdict(as(world.token))).toBe(OWNER.owner)
  })

  test("Basic and a query are no way in", async () => {
    expect(await verdict({ authorization: `Basic ${Buffer.from(`u:${VALID}`).toString("base64")}` })).toBe(
      "unauthorised",
    )
    expect(await verdict({})).toBe("unauthorised")
  })

  test("two different keys are refused, the same one twice is not", async () => {
    expect(await verdict({ authorization: `Bearer ${VALID}`, "x-api-key": "made-up" })).toBe("unauthorised")
    expect(await verdict({ authorization: `Bearer ${VALID}`, "x-api-key": VALID })).toBe("key-1")
  })

  test("on open loopback nobody needs a key, and a wrong one is still wrong", async () => {
    world = { ...world, isOpen: true }
    expect(await verdict({})).toBe(OWNER.owner)
    expect(await verdict({ authorization: "Bearer made-up" })).toBe("unauthorised")
    expect(await verdict({ authorization: `Bearer ${REVOKED}` })).toBe("unauthorised")
    expect(await verdict({ authorization: `Bearer ${VALID}` })).toBe("key-1")
  })

  test("while there are no keys, a made-up one that programs insist on is let pass on open loopback only", async () => {
    world.hasKeys = false
    expect(await verdict({ authorization: "Bearer ollama" })).toBe("unauthorised")
    const open = { ...world, isOpen: true }
    const owner = await authenticate({ authorization: "Bearer ollama" }, "127.0.0.1", open)
    expect(owner).toBe(OWNER)
    await expect(authenticate({ "x-api-key": REVOKED }, "127.0.0.1", open)).rejects.toMatchObject({
      code: "unauthorised",
    })
  })

  test("an address that guesses waits, others do not", async () => {
    for (let guess = 0; guess < KEY_LIMITS.wrongKeysPerMinute; guess += 1)
      expect(await verdict({ "x-api-key": `wrong-${guess}` })).toBe("unauthorised")
    expect(await verdict({ "x-api-key": "wrong" })).toBe("rate-limited")
    expect(await verdict({ "x-api-key": VALID })).toBe("rate-limited")
    expect((await authenticate({ "x-api-key": VALID }, "10.0.0.8", world)).owner).toBe("key-1")
    now += 60_000
    expect(await verdict({ "x-api-key": VALID })).toBe("key-1")
  })

  test("the same wrong key again is no guess, and the server's own token never waits", async () => {
    for (let request = 0; request <= KEY_LIMITS.wrongKeysPerMinute; request += 1)
      expect(await verdict({ "x-api-key": REVOKED })).toBe("unauthorised")
    expect(await verdict({ "x-api-key": VALID })).toBe("key-1")
    for (let guess = 0; guess < KEY_LIMITS.wrongKeysPerMinute; guess += 1)
      await verdict({ "x-api-key": `wrong-${guess}` })
    expect(await verdict({ "x-api-key": VALID })).toBe("rate-limited")
    expect(await verdict({ "x-api-key": world.token })).toBe(OWNER.owner)
  })
})
