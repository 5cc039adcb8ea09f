import { createFakeApp, type FakeApp } from "@fireside/app/testing"
import type { Job } from "@fireside/protocol"
import { afterEach, beforeEach, expect, test } from "vitest"
import { callRoute } from "../../testing.ts"
import { jobRoutes } from "./job-routes.ts"

let fake: FakeApp
beforeEach(async () => {
  fake = await createFakeApp()
})
afterEach(async () => {
  await fake[Symbol.asyncDispose]()
})

const JOB: Job = {
  id: "7",
  kind: "pull",
  subject: "tiny",
  state: "running",
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
  doneBytes: 0,
  totalBytes: 0,
  error: null,
}

test("a pull goes on as fast as the body says, which may be left out", async () => {
  const asked: unknown[] = []
  fake.app.jobs.resume = async (...call) => {
    asked.push(call)
    return JOB
  }
  const resume = (body?: object) =>
    callRoute(jobRoutes, fake.app, { method: "POST", path: "/api/fireside/v1/jobs/7/resume", body })
  const limited = { limitBytesPerSecond: 2_000_000 }
  for (const body of [limited, {}]) expect(await resume(body)).toMatchObject({ body: JOB })
  expect(asked).toEqual([
    ["7", limited],
    ["7", {}],
  ])
  await expect(resume({ limitBytesPerSecond: 3 })).rejects.toMatchObject({
    code: "bad-request",
    details: { field: "limitBytesPerSecond" },
  })
})

test("a job without its part is refused by name", async () => {
  const started = callRoute(jobRoutes, fake.app, { path: "/api/fireside/v1/jobs", body: { type: "pull" } })
  await expect(started).rejects.toMatchObject({ details: { field: "pull" } })
})
