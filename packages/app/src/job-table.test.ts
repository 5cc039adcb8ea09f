import { openDatabase } from "@fireside/host"
import { createFakeClock, createTemporaryHome } from "@fireside/host/testing"
import { expect, test } from "vitest"
import { createJobTable } from "./job-table.ts"

test("a job's row and its events are kept, newest first", async () => {
  await using home = await createTemporaryHome()
  await using database = await openDatabase(home.paths)
  const clock = createFakeClock()
  const table = createJobTable({ database, clock })
  const first = await table.begin("pull", "tiny:1m")
  clock.advance(1_000)
  const second = await table.begin("import", "/a.gguf")
  await table.append(first, { type: "status", message: "a" })
  await table.append(first, { type: "notice", message: "b" })
  await table.update(first, { doneBytes: 5, totalBytes: 10 })
  await table.update(first, {
    state: "failed",
    error: { code: "disk-full", message: "No room.", details: { freeBytes: 1 } },
  })
  expect(await table.list()).toMatchObject([
    { id: second, kind: "import", subject: "/a.gguf", state: "running", error: null },
    {
      id: first,
      kind: "pull",
      subject: "tiny:1m",
      state: "failed",
      doneBytes: 5,
      totalBytes: 10,
      createdAt: "2026-01-01T00:00:00.000Z",
      updatedAt: "2026-01-01T00:00:01.000Z",
      error: { code: "disk-full", message: "No room.", details: { freeBytes: 1 } },
    },
  ])
  expect(await table.events(first)).toEqual([
    { type: "status", message: "a" },
    { type: "notice", message: "b" },
  ])
  expect(await table.events(second)).toEqual([])
})

test("only the newest are kept, with their events", async () => {
  await using home = await createTemporaryHome()
  await using database = await openDatabase(home.paths)
  const table = createJobTable({ database, clock: createFakeClock(), kept: 3 })
  const first = await table.begin("pull", "first")
  await table.append(first, { type: "status", message: "a" })
  for (let count = 0; count < 3; count += 1) await table.begin("pull", String(count))
  expect(await table.list()).toHaveLength(3)
  expect(await table.events(first)).toEqual([])
})
