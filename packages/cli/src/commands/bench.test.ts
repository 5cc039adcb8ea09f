import { createApp } from "@fireside/app"
import { createFakeParts, fakeBenchReport } from "@fireside/app/testing"
import { createFakeClock } from "@fireside/host/testing"
import { AppError, type BenchReport, type BenchRequest } from "@fireside/protocol"
import { expect, test } from "vitest"
import { call } from "../testing.ts"

/** An app whose runs give this report. */
function appOf(report: BenchReport | AppError, history: readonly BenchReport[] = []) {
  const app = createApp(createFakeParts({ clock: createFakeClock() }))
  const asked: BenchRequest[] = []
  const bench: (typeof app)["bench"] = {
    async *run(request) {
      asked.push(request)
      yield { type: "progress", message: "cold start 1 of 5", doneSteps: 0, totalSteps: 11 }
      if (report instanceof AppError) throw report
      yield { type: "finish", report }
    },
    history: async () => history,
  }
  return { app: Object.assign(Object.create(app) as typeof app, { bench }), asked }
}

test("the figures in a table, and in words what limits them", async () => {
  const { app, asked } = appOf(fakeBenchReport())
  const { exitCode, out, err } = await call(["bench", "tiny"], { app })
  expect({ exitCode, err, asked }).toEqual({
    exitCode: 0,
    err: "[1/11] cold start 1 of 5\n",
    asked: [{ model: "tiny" }],
  })
  expect(out).toMatchInlineSnapshot(`
    "tiny:latest (Q8_0) on Test processor, 2 threads, 5 rounds

                                    MEDIAN        FROM … TO
    cold start                      400 ms        360 … 440
    first word, 32 tokens           30.0 ms       27.0 … 33.0
    first word, 1024 tokens         12.0 s        10.8 … 13.2
    first word, second turn         60.0 ms       54.0 … 66.0
    reading a prompt                85.0 tok/s    76.5 … 93.5
    writing, one answer             250 tok/s     225 … 275
    writing, 4 answers together     500 tok/s     450 … 550
    pause between words             4.00 ms       3.60 … 4.40
    pause, 95 of 100 are shorter    5.00 ms       4.50 … 5.50
    longest pause                   9.00 ms       8.10 … 9.90
    engine alone, reading           1000 tok/s    900 … 1100
    engine alone, writing           260 tok/s     234 … 286
    memory of the engine            190 MB

    Writing reads 94 MB a token; this memory gives 34 GB/s to a plain loop: limit 362 tok/s; you get 250 = 69 %.
    The engine's own loop, without sampling and transport: you get 96 % of it.
    4 answers together share the reading: limit 1000 tok/s; you get 50 %, with their prompts.
    This is the first run of this kind here: the next one is compared with it.
    "
  `)
})

test("what changed since the last run", async () => {
  const previous = {
    id: "run-0",
    at: "2025-12-31T23:00:00.000Z",
    isQuotable: true,
    changes: [
      { name: "longTtftMs", ratio: 1.2, verdict: "worse" },
      { name: "gapP95Ms", ratio: 4.25, verdict: "worse" },
      { name: "decodeTokensPerSecond", ratio: 1.1, verdict: "better" },
      { name: "shortTtftMs", ratio: 0.998, verdict: "same" },
      { name: "memoryBytes", ratio: 0.97, verdict: "same" },
    ],
  } as const
  const { out } = await call(["bench", "tiny"], {
    app: appOf(fakeBenchReport({ previous: { ...previous, changes: [...previous.changes] } })).app,
  })
  const line = (label: string) => out.split("\n").find((it) => it.startsWith(label))
  expect(line("first word, 1024")).toMatch(/\+20 % worse$/)
  expect(line("writing, one")).toMatch(/\+10 % better$/)
  expect(line("first word, 32")).toMatch(/±0 %$/)
  expect(line("memory of")).toMatch(/−3 %$/)
  expect(out).toContain("Since the run of 2025-12-31 23:00 UTC: 1 better, 2 worse (by more than 5 %")
  expect(line("pause, 95")).toMatch(/×4.25 worse$/)
  const disturbed = fakeBenchReport({
    isQuotable: false,
    previous: { ...previous, changes: [...previous.changes] },
  })
  expect((await call(["bench", "tiny"], { app: appOf(disturbed).app })).out).toContain(
    "1 better, 2 worse (or only disturbed).",
  )
})

test("a disturbed run says so, and a graphics processor that its limit is not known", async () => {
  const { out } = await call(["bench", "tiny"], {
    app: appOf(fakeBenchReport({ isQuotable: false, foreignCpus: 1.26, limit: null })).app,
  })
  expect(out).toContain("Other programs used 1.3 processors meanwhile: these figures are not for quoting.")
  expect(out).toContain("The limit is not known")
})

test("arithmetic as the tighter limit, and weights that the cache holds, are said", async () => {
  const { limit, figures } = fakeBenchReport()
  if (limit === null) throw new Error("the fake has a limit")
  const decodeTokensPerSecond = { median: 400, min: 400, max: 400 }
  const report = fakeBenchReport({
    figures: { ...figures, decodeTokensPerSecond },
    limit: { ...limit, boundBy: "arithmetic", decodeTokensPerSecond: 800, shareOfLimit: 0.5 },
  })
  const { out } = await call(["bench", "tiny"], { app: appOf(report).app })
  expect(out).toContain(
    "Arithmetic is the tighter limit: at the engine's own prompt rate 800 tok/s; you get 50 %.",
  )
  expect(out).toContain("the processor's cache holds part of the weights")
})

test("--json is the report alone; flags reach the run", async () => {
  const report = fakeBenchReport()
  const { app, asked } = appOf(report)
  const { out, err } = await call(["bench", "tiny", "--json", "--rounds", "7", "--quick"], { app })
  expect(JSON.parse(out)).toEqual(report)
  expect({ err, asked }).toEqual({ err: "", asked: [{ model: "tiny", rounds: 7, quick: true }] })
})

test.each(["0", "51", "2.5", "many"])("--rounds %s is refused", async (rounds) => {
  const { exitCode, err } = await call(["bench", "tiny", "--rounds", rounds], {
    app: appOf(fakeBenchReport()).app,
  })
  expect(exitCode).toBe(2)
  expect(err).toContain("--rounds")
})

test("a model in use is an error by name", async () => {
  const { app } = appOf(new AppError("model-in-use", { message: "tiny is answering somebody." }))
  const { exitCode, out, err } = await call(["bench", "tiny"], { app })
  expect(exitCode).not.toBe(0)
  expect(out).toBe("")
  expect(err).toContain("tiny is answering somebody.")
})

test("on a terminal the steps are one line, which is gone before an error", async () => {
  const { app } = appOf(new AppError("model-in-use", { message: "tiny is answering somebody." }))
  const { err } = await call(["bench", "tiny"], { app, terminal: true })
  const erased = "\r\x1b[2K"
  expect(err.startsWith(`${erased}[1/11] cold start 1 of 5${erased}`)).toBe(true)
  expect(err).not.toContain("of 5\n")
})

test("without a model it takes the last one, and says so when there is none", async () => {
  const { exitCode, err } = await call(["bench"], { app: appOf(fakeBenchReport()).app })
  expect(exitCode).toBe(2)
  expect(err).toContain("Which model?")
})

test("--history lists what was measured, newest first, and measures nothing", async () => {
  const reports = [fakeBenchReport({ isQuotable: false }), fakeBenchReport({ isQuick: true, limit: null })]
  const { app, asked } = appOf(fakeBenchReport(), reports)
  expect((await call(["bench", "--history"], { app })).out).toMatchInlineSnapshot(`
    "WHEN         MODEL          KIND     START     LONG PROMPT    SECOND TURN    ONE          TOGETHER     OF LIMIT
    1 day ago    tiny:latest    whole    400 ms    12.0 s         60.0 ms        250 tok/s    500 tok/s    69 %        disturbed
    1 day ago    tiny:latest    quick    400 ms    12.0 s         60.0 ms        250 tok/s    500 tok/s    -
    "
  `)
  expect(JSON.parse((await call(["bench", "--history", "--json"], { app })).out)).toEqual(reports)
  expect(asked).toEqual([])
  const none = await call(["bench", "--history"], { app: appOf(fakeBenchReport()).app })
  expect(none).toMatchObject({ exitCode: 0, out: "" })
  expect(none.err).toContain("Nothing was measured yet.")
})
