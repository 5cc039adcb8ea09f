import { expect, test } from "vitest"
import { type BenchReport, toMarkdown, toTable } from "./report.ts"

const report: BenchReport = {
  startedAt: "2026-03-04T05:06:07.000Z",
  command: "npm run bench",
  quick: false,
  model: { name: "smollm2.gguf", sizeBytes: 98_362_432, sha256: "ab".repeat(32) },
  machine: {
    cpuModel: "Some CPU",
    cpuFeatures: ["avx2"],
    usableCpus: 2,
    physicalCores: 2,
    memoryGib: 24,
    platform: "linux",
    arch: "x64",
    nodeVersion: "24.0.0",
    version: "0.1.0",
    commit: "abc1234",
    libraryVersion: "v0.5.0",
    loadBefore: 0.1,
  },
  peer: { name: "llama.cpp", version: "v0.5.0", build: "Release, native" },
  scenarios: [
    {
      id: "S11",
      title: "one processor kept busy",
      rounds: 2,
      seconds: 61.4,
      foreignUse: { median: 0.01, minimum: 0, maximum: 0.3, count: 4 },
      contestants: [
        { name: "ours", description: "the engine", metrics: { decode: [120, 130] } },
        { name: "llama-bench", description: "its defaults | two threads", metrics: { decode: [0.33, 0.34] } },
      ],
      comparisons: [
        {
          title: "decode",
          metric: "decode",
          unit: "tok/s",
          subject: "ours",
          against: "llama-bench",
          better: "higher",
          goal: 50,
          subjectSummary: { median: 125, minimum: 120, maximum: 130, count: 2 },
          againstSummary: { median: 0.335, minimum: 0.33, maximum: 0.34, count: 2 },
          ratio: { median: 373, minimum: 363.6, maximum: 382.4, count: 2 },
          met: true,
        },
      ],
      remarks: ["A loss would stand here too."],
    },
  ],
  missing: [{ id: "S5b", reason: "there is no dist/" }],
}

test("the table has a line for each comparison, and says what did not run", () => {
  expect(toTable(report)).toMatchInlineSnapshot(`
    "scenario  what                        measured     against     ratio (min–max)      goal
    S11       decode: ours / llama-bench  125.0 tok/s  0.34 tok/s  373.0 (363.6–382.4)  ≥ 50  met
    S5b       did not run                                                                     missing"
  `)
})

test("the page", () => {
  expect(toMarkdown(report)).toMatchInlineSnapshot(`
    "# Measured on 2026-03-04

    Command: \`npm run bench\`. Ratios are medians over rounds in which the contestants took turns (A B A B), with minimum and maximum.

    - Machine: Some CPU, 2 processors for 2 cores, 24 GiB, linux x64
    - Load before the start: 0.10
    - Fireside 0.1.0 (abc1234), Node 24.0.0, llama.cpp v0.5.0 prebuilt
    - Peer: llama.cpp v0.5.0, Release, native
    - Model: smollm2.gguf, 98362432 bytes, sha256 abababababababababababababababababababababababababababababababab

    | scenario | what | measured | against | ratio (min–max) | goal | |
    |---|---|---|---|---|---|---|
    | S11 | decode: ours / llama-bench | 125.0 tok/s | 0.34 tok/s | 373.0 (363.6–382.4) | ≥ 50 | met |
    | S5b | did not run |  |  |  |  | missing |

    ## S11: one processor kept busy

    2 rounds, 61 s. Other programs used 0.010 processors (median; at most 0.30) right before the measurements.

    - **ours**: the engine
      - decode: 120.0, 130.0
    - **llama-bench**: its defaults | two threads
      - decode: 0.33, 0.34

    A loss would stand here too.

    **S5b did not run:** there is no dist/
    "
  `)
})

test("a busy machine and a quick run are said at the top", () => {
  const [scenario] = report.scenarios
  const foreignUse = { median: 0.9, minimum: 0, maximum: 1, count: 4 }
  const text = toMarkdown({ ...report, quick: true, scenarios: [{ ...scenario!, foreignUse }] })
  expect(text).toContain("Not for quoting")
  expect(text).toContain("do not quote")
  expect(toMarkdown(report)).not.toContain("quot")
})

test("the page names rows that are slower than the peer, and says once what holds back a missed goal", () => {
  const [scenario] = report.scenarios
  const [comparison] = scenario?.comparisons ?? []
  if (scenario === undefined || comparison === undefined) throw new Error("the report has a scenario")
  const row = (title: string, against: string, median: number) => ({
    ...comparison,
    title,
    subject: "fireside serve",
    against,
    better: "lower" as const,
    goal: 0.5,
    heldBack: "the same arithmetic.",
    ratio: { ...comparison.ratio, median },
    met: median <= 0.5,
  })
  const comparisons = [
    row("TTFT", "llama-server D", 1.2),
    row("TTFT", "llama-server T", 0.7),
    row("makespan", "llama-server T", 0.4),
    row("memory", "aim", 3),
  ]
  const page = toMarkdown({ ...report, scenarios: [{ ...scenario, comparisons }] })
  expect(page.match(/Rows in which.+\n\n(- .+\n)+/)?.[0]).toMatchInlineSnapshot(`
    "Rows in which Fireside is slower than 0.97 of the peer:

    - S11, TTFT: 1.20 of llama-server D
    "
  `)
  expect(page.match(/^Missed.+$/gm)).toMatchInlineSnapshot(`
    [
      "Missed (TTFT / llama-server D; TTFT / llama-server T; memory / aim): the same arithmetic.",
    ]
  `)
})
