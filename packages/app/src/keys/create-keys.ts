// Keys in the database, and what they use of their minute and their day in memory.
import { randomUUID } from "node:crypto"
import { AppError, KEY_LIMITS, type KeySummary, NewKey } from "@fireside/protocol"
import type { Parts } from "../parts.ts"
import type { Prefixes } from "../prefixes/prefixes.ts"
import { createSecret, hashOf, looksLikeKey, prefixOf } from "./key-secret.ts"
import { createKeyTable, type KeyRow, type KeyTable } from "./key-table.ts"
import type { Keys } from "./keys.ts"

export interface OpenKeys extends Keys, AsyncDisposable {}

/** A row is written at most this often for the use of a key. */
const USED_EVERY_MS = 60_000
const FLUSH_MS = 1_000
const MINUTE_MS = 60_000

interface Use {
  /** Requests that may come now, refilled with time. */
  allowance: number
  refilledAt: number
  usedAt: number
  day: string
  /** Of the day, with those not yet written. */
  tokens: number
}

/** Tokens that are counted and not yet in the database. */
interface UnwrittenTokens {
  readonly id: string
  readonly day: string
  tokens: number
}

export function createKeys(
  parts: Pick<Parts, "database" | "hasDatabase" | "prepareHome" | "clock" | "log">,
  /** Takes away what was computed of the texts of a key that is revoked. */
  forget: Prefixes["forget"] = async () => {},
): OpenKeys {
  const { clock, log } = parts
  const uses = new Map<string, Use>()
  /** By key and day: what was used before midnight stays yesterday's. */
  const unwritten = new Map<string, UnwrittenTokens>()
  let flushing: { cancel(): void } | undefined
  const table = async (): Promise<KeyTable> => createKeyTable(await parts.database())
  const at = (): string => new Date(clock.now()).toISOString()
  const today = (): string => at().slice(0, 10)

  const placeOf = (id: string, day: string): string => `${day} ${id}`
  /** Of today, with those not yet written. */
  const tokensOf = (id: string, keys: KeyTable): number =>
    keys.tokens(id, today()) + (unwritten.get(placeOf(id, today()))?.tokens ?? 0)

  function summary(row: KeyRow, keys: KeyTable): KeySummary {
    const { rules, ...rest } = row
    const use = uses.get(row.id)
    const tokensToday = use?.day === today() ? use.tokens : tokensOf(row.id, keys)
    return { ...rest, ...rules, tokensToday }
  }

  function useOf(row: KeyRow, keys: KeyTable): Use {
    const known = uses.get(row.id)
    if (known?.day === today()) return known
    const use: Use = {
      allowance: known?.allowance ?? row.rules.requestsPerMinute ?? 0,
      refilledAt: known?.refilledAt ?? clock.monotonic(),
      usedAt: known?.usedAt ?? Number.NEGATIVE_INFINITY,
      day: today(),
      tokens: tokensOf(row.id, keys),
    }
    uses.set(row.id, use)
    return use
  }

  /** What cannot be written is kept for the next time. */
  async function flush(): Promise<void> {
    flushing?.cancel()
    flushing = undefined
    if (unwritten.size === 0) return
    const keys = await table()
    for (const [place, { id, day, tokens }] of unwritten) {
      keys.addTokens(id, day, tokens)
      unwritten.delete(place)
    }
  }

  function noteUse(row: KeyRow, use: Use, keys: KeyTable): void {
    if (clock.monotonic() - use.usedAt < USED_EVERY_MS) return
    use.usedAt = clock.monotonic()
    try {
      keys.use(row.id, at())
    } catch (error) {
      // The key is as valid on a full disk.
      log.warn("the use of a key was not noted", { keyId: row.id, error: String(error) })
    }
  }

  const find = async (id: string): Promise<{ row: KeyRow; keys: KeyTable }> => {
    const keys = (await parts.hasDatabase()) ? await table() : undefined
    const row = keys?.find(id)
    if (keys === undefined || row === undefined)
      throw new AppError("not-found", {
        message: `There is no key ${JSON.stringify(id)}.`,
        hint: "`fireside key list` names them.",
      })
    return { row, keys }
  }

  return {
    async create(given) {
      const parsed = NewKey.safeParse(given)
      if (!parsed.success) throw badKey(parsed.error.issues[0])
      const { name, scopes = ["chat", "embed"], ...limits } = parsed.data
      const { models = null, requestsPerMinute = null, tokensPerDay = null } = limits
      await parts.prepareHome()
      const keys = await table()
      if (keys.countValid() >= KEY_LIMITS.keys)
        throw new AppError("bad-request", {
          message: `There are ${KEY_LIMITS.keys} keys, and no more are kept.`,
          hint: "Revoke one that is not used with: fireside key revoke NAME",
        })
      const secret = createSecret()
      const row: KeyRow = {
        id: randomUUID(),
        name,
        prefix: prefixOf(secret),
        rules: { scopes: [...new Set(scopes)], models, requestsPerMinute, tokensPerDay },
        createdAt: at(),
        lastUsedAt: null,
        revokedAt: null,
      }
      if (!keys.insert(row, hashOf(secret)))
        throw new AppError("already-exists", {
          message: `There is a key named ${JSON.stringify(name)} already.`,
          hint: `Choose another name, or revoke it first with: fireside key revoke ${name}`,
        })
      return { ...summary(row, keys), key: secret }
    },
    async list() {
      if (!(await parts.hasDatabase())) return []
      const keys = await table()
      return keys.all().map((row) => summary(row, keys))
    },
    async revoke(idOrName) {
      const { row, keys } = await find(idOrName)
      const revokedAt = row.revokedAt ?? at()
      if (row.revokedAt === null) {
        keys.revoke(row.id, revokedAt)
        await forget({ type: "owner", owner: row.id })
      }
      return summary({ ...row, revokedAt }, keys)
    },
    async any() {
      if (!(await parts.hasDatabase())) return false
      return (await table()).hasValid()
    },
    async authenticate(secret) {
      if (!looksLikeKey(secret) || !(await parts.hasDatabase())) return undefined
      const keys = await table()
      const row = keys.byHash(hashOf(secret))
      if (row === undefined || row.revokedAt !== null) return undefined
      noteUse(row, useOf(row, keys), keys)
      return summary(row, keys)
    },
    async admit(id) {
      const { row, keys } = await find(id)
      const { requestsPerMinute, tokensPerDay } = row.rules
      const use = useOf(row, keys)
      if (tokensPerDay !== null && use.tokens >= tokensPerDay)
        throw usedUp(`The key has used its ${tokensPerDay} tokens of today.`, secondsToMidnight(clock.now()))
      if (requestsPerMinute === null) return
      const gained = ((clock.monotonic() - use.refilledAt) / MINUTE_MS) * requestsPerMinute
      use.allowance = Math.min(requestsPerMinute, use.allowance + gained)
      use.refilledAt = clock.monotonic()
      if (use.allowance < 1) {
        const seconds = Math.ceil(((1 - use.allowance) / requestsPerMinute) * 60)
        throw usedUp(`The key may ask ${requestsPerMinute} times a minute.`, Math.max(1, seconds))
      }
      use.allowance -= 1
    },
    async spend(id, tokens) {
      try {
        const { row, keys } = await find(id)
        const use = useOf(row, keys)
        use.tokens += tokens
        const place = placeOf(id, use.day)
        const waiting = unwritten.get(place) ?? { id, day: use.day, tokens: 0 }
        waiting.tokens += tokens
        unwritten.set(place, waiting)
        flushing ??= clock.setTimer(FLUSH_MS, () => {
          flush().catch((error: unknown) =>
            log.warn("the use of keys was not written", { error: String(error) }),
          )
        })
      } catch (error) {
        log.warn("the use of a key was not counted", { keyId: id, error: String(error) })
      }
    },
    [Symbol.asyncDispose]: flush,
  }
}

function badKey(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): AppError {
  const field = issue?.path.join(".") ?? ""
  return new AppError("bad-request", {
    message: `The key's ${field || "description"} is not as expected: ${issue?.message ?? "unknown"}.`,
    hint: "Scopes are chat, embed, models and admin.",
    details: { field },
  })
}

function usedUp(message: string, retryAfterSeconds: number): AppError {
  return new AppError("rate-limited", {
    message,
    hint: `Try again in ${retryAfterSeconds} s.`,
    details: { retryAfterSeconds },
  })
}

/** Days are those of UTC. */
function secondsToMidnight(nowMs: number): number {
  const day = 24 * 3_600_000
  return Math.ceil((day - (nowMs % day)) / 1_000)
}
