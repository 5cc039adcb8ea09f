import type { ConversationEvent } from "@fireside/protocol"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type ConversationWorld, createConversationWorld } from "./conversations.fixture.ts"

let world: ConversationWorld
beforeEach(async () => {
  world = await createConversationWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

const me = "local"

/** Events one by one; the first is `ready`. */
async function follow(owner = me) {
  const leaving = new AbortController()
  const events = world.conversations.changes(owner, leaving.signal)[Symbol.asyncIterator]()
  const next = async (): Promise<ConversationEvent | undefined> => {
    const { done, value } = await events.next()
    return done === true ? undefined : value
  }
  expect(await next()).toEqual({ type: "ready" })
  return { next, leave: () => leaving.abort() }
}

test("what is made, said, set, put in order, trashed and erased is told, once for each", async () => {
  const { next, leave } = await follow()
  const { id } = await world.conversations.create({ title: "a" }, me)
  const changed = { type: "changed", id, updatedAt: "2026-01-01T00:00:00.000Z" }
  expect(await next()).toEqual(changed)
  await world.conversations.append(id, { message: { role: "user", content: "hi" } }, me)
  await world.conversations.change(id, { title: "b" }, me)
  expect(await next()).toEqual(changed)
  const waiting = next()
  await world.conversations.change(id, { pinned: true }, me)
  expect(await waiting).toEqual(changed)
  await world.conversations.remove(id, me)
  expect(await next()).toEqual(changed)
  await world.conversations.restore(id, me)
  expect(await next()).toEqual(changed)
  await world.conversations.erase(id, me)
  expect(await next()).toEqual({ ...changed, type: "removed" })
  leave()
  expect(await next()).toBeUndefined()
})

test("another owner's changes are not told", async () => {
  const { next, leave } = await follow()
  await world.conversations.create({ title: "theirs" }, "other")
  const { id } = await world.conversations.create({ title: "mine" }, me)
  expect(await next()).toMatchObject({ type: "changed", id })
  leave()
  expect(await next()).toBeUndefined()
})

test("changes of another process are seen within a second", async () => {
  const { next, leave } = await follow()
  const waiting = next()
  const { id } = await world.reopen().create({ title: "from the terminal" }, me)
  // The follower asks for its timer when it has looked.
  while (world.clock.pendingTimers() === 0) await Promise.resolve()
  world.clock.advance(1_000)
  expect(await waiting).toMatchObject({ type: "changed", id })
  leave()
  expect(await next()).toBeUndefined()
  expect(world.clock.pendingTimers()).toBe(0)
})

test("more changes than are read at once all come, in their order", async () => {
  const { next, leave } = await follow()
  world.database.run(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
     INSERT INTO conversation (id, owner, title, model, system, sampling, created_at, updated_at, seq)
     SELECT 'c' || i, 'local', '', '', '', '{}', '', '', i FROM n`,
  )
  await world.conversations.create({}, me)
  const ids: unknown[] = []
  for (let count = 0; count < 1_200; count += 1) {
    const event = await next()
    ids.push(event?.type === "changed" ? event.id : event)
  }
  expect(ids).toEqual(Array.from({ length: 1_200 }, (_, at) => `c${at + 1}`))
  leave()
})

test("an aborted follower ends without an error", async () => {
  const { next, leave } = await follow()
  const waiting = next()
  leave()
  expect(await waiting).toBeUndefined()
})
