// `npm run bench`: ratios of Fireside against llama.cpp in one run, as a table, as JSON and as a page under docs/benchmarks/.
import { createHash } from "node:crypto"
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { homedir, tmpdir } from "node:os"
import { basename, dirname, join, resolve } from "node:path"
import { locateLibraries } from "../../packages/engine/src/child/native/library-folder.ts"
import { readHardware } from "../../packages/host/src/index.ts"
import { ensureWeights, weightsFolder } from "../setup/ensure-weights.mjs"
import { type BenchArguments, readArguments, USAGE } from "./arguments.ts"
import { foreignUse } from "./foreign-use.ts"
import { machineFacts } from "./machine-facts.ts"
import { buildPeer, peerFolder } from "./peer/build-peer.ts"
import { profileColdStart } from "./profile/cold-start.ts"
import { type BenchReport, isBusy, toMarkdown, toTable } from "./report.ts"
import { runScenario, type ScenarioResult } from "./run-scenario.ts"
import type { Bench, Scenario } from "./scenario.ts"
import { SCENARIOS } from "./scenarios/index.ts"

const root = dirname(dirname(import.meta.dirname))
const note = (text: string) => void process.stderr.write(`${text}\n`)

async function main(argv: readonly string[]): Promise<number> {
  const options = readArguments(argv)
  if (options.task === "help") {
    process.stdout.write(USAGE)
    return 0
  }
  const stop = new AbortController()
  // Each may come more than once: a terminal signals the whole group, and npm passes it on.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => stop.abort(new Error("stopped")))
  const weights = weightsFolder()
  const modelPath = resolve(options.modelPath ?? (await testWeights(weights)))
  if (options.task === "profile") {
    process.stdout.write(
      await profileColdStart({ root, modelPath, rounds: options.rounds, note }, stop.signal),
    )
    return 0
  }
  const peer = await buildPeer(
    {
      folder: resolve(options.peerFolder ?? peerFolder(weights)),
      prebuiltFolder: locateLibraries().folder,
      modelPath,
      note,
      ...(options.jobs === undefined ? {} : { jobs: options.jobs }),
    },
    stop.signal,
  )
  if (options.task === "build-peer") return 0

  const hardware = await readHardware(root)
  const machine = machineFacts(hardware, root)
  const startedAt = new Date().toISOString()
  const bench = { modelPath, hardware, peer, root, quick: options.quick, rounds: options.rounds, note }
  const { results, missing } = await measureAll(chosen(options.only), bench, stop.signal)
  const report: BenchReport = {
    startedAt,
    command: `npm run bench${argv.length === 0 ? "" : ` -- ${withoutPaths(argv).join(" ")}`}`,
    quick: options.quick || options.rounds < QUOTABLE_ROUNDS,
    model: {
      name: basename(modelPath),
      sizeBytes: statSync(modelPath).size,
      sha256: await sha256Of(modelPath),
    },
    machine,
    peer: { name: "llama.cpp", version: peer.version, build: peer.build },
    scenarios: results,
    missing,
  }
  process.stdout.write(`${toTable(report)}\n`)
  if (isBusy(report)) note("Other programs were running: these figures are not for quoting.")
  writeReport(report, options)
  return missing.length === 0 ? 0 : 1
}

const QUOTABLE_ROUNDS = 5

async function measureAll(
  scenarios: readonly Scenario[],
  bench: Omit<Bench, "workFolder">,
  signal: AbortSignal,
) {
  const results: ScenarioResult[] = []
  const missing: { id: string; reason: string }[] = []
  for (const scenario of scenarios) {
    const workFolder = mkdtempSync(join(tmpdir(), "fireside-bench-"))
    try {
      note(`${scenario.id}: ${scenario.title}`)
      const rounds = bench.rounds * (bench.quick ? 1 : (scenario.timesRounds ?? 1))
      await using prepared = await scenario.prepare({ ...bench, rounds, workFolder }, signal)
      const options = { scenario, rounds, now: () => performance.now(), note, foreignUse }
      results.push(await runScenario(prepared, options, signal))
    } catch (error) {
      signal.throwIfAborted()
      const reason = error instanceof Error ? error.message : String(error)
      note(`${scenario.id} did not run: ${reason}`)
      const paths = [workFolder, root, homedir()]
      missing.push({
        id: scenario.id,
        reason: paths.reduce((text, path) => text.replaceAll(path, "…"), reason),
      })
    } finally {
      rmSync(workFolder, { recursive: true, force: true })
    }
  }
  return { results, missing }
}

function chosen(only: readonly string[]): readonly Scenario[] {
  const unknown = only.find((id) => !SCENARIOS.some((scenario) => scenario.id === id))
  if (unknown !== undefined)
    throw new Error(`There is no scenario ${unknown}: ${SCENARIOS.map(({ id }) => id).join(", ")}`)
  return only.length === 0 ? SCENARIOS : SCENARIOS.filter(({ id }) => only.includes(id))
}

/** A quick run goes where it is asked to, but never into the published pages by itself. */
function writeReport(report: BenchReport, options: BenchArguments): void {
  if (report.quick && options.outFolder === undefined) return
  const folder = resolve(options.outFolder ?? join(root, "docs", "benchmarks"))
  mkdirSync(folder, { recursive: true })
  const day = report.startedAt.slice(0, 10)
  let name = day
  for (let again = 2; existsSync(join(folder, `${name}.md`)); again++) name = `${day}-${again}`
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`)
  writeFileSync(join(folder, `${name}.md`), toMarkdown(report))
  note(`written: ${join(folder, name)}.md and .json`)
}

/** The page names the options, not where this machine keeps things. */
function withoutPaths(argv: readonly string[]): string[] {
  return argv.map((argument, index) => {
    const flag = argv[index - 1] ?? ""
    return ["--model", "--peer", "--out"].includes(flag) ? basename(argument) : argument
  })
}

async function testWeights(folder: string): Promise<string> {
  const problem = await ensureWeights(folder)
  if (problem !== undefined) throw new Error(`There are no weights to measure with: ${problem}`)
  return join(folder, "smollm2.gguf")
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256")
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest("hex")
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  note(error instanceof Error ? error.message : String(error))
  process.exitCode = 2
}
