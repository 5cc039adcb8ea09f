// The benchmark's own command line.
import { parseArgs } from "node:util"

export interface BenchArguments {
  readonly rounds: number
  readonly quick: boolean
  /** Ids of scenarios; empty: all. */
  readonly only: readonly string[]
  readonly modelPath: string | undefined
  readonly peerFolder: string | undefined
  readonly outFolder: string | undefined
  readonly jobs: number | undefined
  readonly task: "measure" | "profile" | "build-peer" | "help"
}

export const USAGE = `npm run bench -- [options]
  --pairs N        rounds, each contestant once a round (default 5, at least 5 to quote;
                   three times as many of some short scenarios)
  --quick          2 rounds of small work: to see that it runs; writes no page
  --only IDS       scenarios, comma-separated: engine, streams, S1a, S1b, S1c, S2, S3b, S3c, S4, S4f, S5a, S5b, S6, S7, S8, S9, S10, S11, copy
  --model FILE     a GGUF file (default: the tests' weights)
  --peer FOLDER    where the peer is built (default: beside the tests' weights)
  --out FOLDER     where page and JSON go (default: docs/benchmarks)
  --build-peer     only build the peer;  --jobs N  compile jobs (default: all processors)
  --profile        where the time of a cold start goes
`

/** Throws with a message for the user. */
export function readArguments(argv: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      pairs: { type: "string" },
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      model: { type: "string" },
      peer: { type: "string" },
      out: { type: "string" },
      jobs: { type: "string" },
      "build-peer": { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  })
  return {
    rounds: values.pairs === undefined ? (values.quick ? 2 : 5) : wholeNumber("--pairs", values.pairs),
    quick: values.quick,
    only: values.only === undefined ? [] : values.only.split(",").map((id) => id.trim()),
    modelPath: values.model,
    peerFolder: values.peer,
    outFolder: values.out,
    jobs: values.jobs === undefined ? undefined : wholeNumber("--jobs", values.jobs),
    task: values.help ? "help" : values["build-peer"] ? "build-peer" : values.profile ? "profile" : "measure",
  }
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`${flag} is a whole number from 1 on, not ${text}`)
  return value
}
