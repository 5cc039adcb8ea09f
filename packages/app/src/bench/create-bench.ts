// A bench run from its refusals to its report: cold starts, then rounds on the last loaded copy, then the machine itself.
import { randomUUID } from "node:crypto"
import type { ModelFacts } from "@fireside/engine"
import type { LoadPlan } from "@fireside/fit"
import type { ProcessMemory } from "@fireside/host"
import type { StoredModel } from "@fireside/library"
import { AppError, type BenchEvent, type BenchReport, type BenchRequest } from "@fireside/protocol"
import type { Models } from "../app.ts"
import { type Lease, resolveModel } from "../leases.ts"
import type { Parts } from "../parts.ts"
import type { Prefixes } from "../prefixes/prefixes.ts"
import { poolingOf, type Scheduling, takeModel } from "../take-model.ts"
import type { Bench } from "./bench.ts"
import { type BenchTable, createBenchTable, machineKey } from "./bench-table.ts"
import { compareRuns } from "./compare-runs.ts"
import { measuredLimit, type Outline } from "./measured-limit.ts"
import { figuresOf, measureRound, type Round, warmUp } from "./round.ts"
import { type Scale, scaleOf } from "./scale.ts"

type Progress = Exclude<BenchEvent, { type: "error" }>

/** Answers at once, where the plan has room for them. */
const CROWD_STREAMS = 4
/** More of a processor in other hands than this, and the figures are theirs too. */
const FOREIGN_CPUS = 0.1

export interface BenchOptions {
  readonly models: Models
  readonly forget: Prefixes["forget"]
}

export function createBench(scheduling: Scheduling, { models, forget }: BenchOptions): Bench {
  const { parts, leases } = scheduling
  return {
    async *run(request, signal) {
      const stored = await requireGenerating(parts, request.model)
      await leases.publish()
      await refuseBusy(parts, stored)
      await models.stop(request.model, signal)
      await parts.prepareHome()
      const table = createBenchTable(await parts.database())
      const id = randomUUID()
      const run = { id, request, stored, table }
      try {
        const report = yield* measure(scheduling, run, signal)
        table.add(report)
        yield { type: "finish", report }
      } finally {
        await forget({ type: "owner", owner: ownerOf(id) })
      }
    },
    async history(model) {
      const digest = model === undefined ? undefined : (await resolveModel(parts, model))?.summary.digest
      // Opening the database makes it.
      return (await parts.hasDatabase()) ? createBenchTable(await parts.database()).list(digest) : []
    },
  }
}

/** Of what the run's prompts leave in the cache. */
const ownerOf = (id: string): string => `bench ${id}`

interface Run {
  readonly id: string
  readonly request: BenchRequest
  readonly stored: StoredModel
  readonly table: BenchTable
}

async function* measure(
  scheduling: Scheduling,
  { id, request, stored, table }: Run,
  signal: AbortSignal,
): AsyncGenerator<Progress, BenchReport> {
  const { parts } = scheduling
  const { quick: isQuick = false } = request
  const scale = scaleOf(stored, { isQuick })
  const { rounds: count = scale.rounds } = request
  const steps = createSteps(2 * count + 1)

  const coldStartsMs: number[] = []
  for (let at = 1; at < count; at += 1) {
    yield steps.next(`cold start ${at} of ${count}`)
    await using lease = await load(scheduling, { stored, scale, request }, signal)
    coldStartsMs.push(lease.loadMs)
  }
  yield steps.next(`cold start ${count} of ${count}`)
  const loaded = yield* measureLoaded(scheduling, { id, stored, scale, request, count, steps }, signal)
  coldStartsMs.push(loaded.loadMs)

  yield steps.next("the memory's own speed")
  const { facts, plan } = loaded
  const { cpuModel, usableCpus } = await parts.hardware()
  const outline = {
    id,
    at: new Date(parts.clock.now()).toISOString(),
    model: stored.summary.name,
    digest: stored.summary.digest,
    quantization: stored.summary.quantization,
    machine: { cpuModel, usableCpus: usableCpus.length, processor: facts.processor },
    libraryVersion: facts.libraryVersion,
    rounds: count,
    isQuick,
    threads: plan.threads,
    streams: loaded.streams,
    contextLength: plan.contextLength,
    shortPromptTokens: scale.shortPromptTokens,
    longPromptTokens: scale.longPromptTokens,
    answerTokens: scale.answerTokens,
    figures: figuresOf(loaded.rounds, coldStartsMs),
    memory: loaded.memory,
    foreignCpus: loaded.foreignCpus,
    isQuotable: loaded.foreignCpus <= FOREIGN_CPUS,
  }
  const limit = await measuredLimit(parts, { outline, plan, stored, table }, signal)
  return { ...outline, limit, previous: comparison(outline, table) }
}

interface Steps {
  next(message: string): Progress
}

function createSteps(totalSteps: number): Steps {
  let doneSteps = -1
  return {
    next(message) {
      doneSteps += 1
      return { type: "progress", message, doneSteps, totalSteps }
    },
  }
}

interface Loading {
  readonly stored: StoredModel
  readonly scale: Scale
  readonly request: BenchRequest
}

/** A fresh copy of the model, gone when the lease is. Throws `model-in-use` when somebody else had it loaded meanwhile. */
async function load(
  scheduling: Scheduling,
  { stored, scale: { contextLength }, request }: Loading,
  signal: AbortSignal,
): Promise<Lease> {
  let isFresh = false
  const onLoad = (): void => {
    isFresh = true
  }
  const lease = await takeModel(
    scheduling,
    { reference: request.model, stored, use: "generate", cost: 1, contextLength },
    { keepAliveMs: 0, wish: { mostStreams: CROWD_STREAMS }, onLoad },
    signal,
  )
  if (isFresh) return lease
  await lease[Symbol.asyncDispose]()
  throw inUse(stored)
}

interface Loaded {
  readonly facts: ModelFacts
  readonly plan: LoadPlan
  readonly loadMs: number
  readonly streams: number
  readonly rounds: readonly Round[]
  readonly memory: ProcessMemory
  readonly foreignCpus: number
}

async function* measureLoaded(
  scheduling: Scheduling,
  {
    id,
    count,
    steps,
    ...loading
  }: Loading & { readonly id: string; readonly count: number; readonly steps: Steps },
  signal: AbortSignal,
): AsyncGenerator<Progress, Loaded> {
  const { parts } = scheduling
  const { stored, scale } = loading
  await using lease = await load(scheduling, loading, signal)
  const { model, plan, loadMs } = lease
  const streams = Math.min(plan.streams, CROWD_STREAMS)
  const requireAlone = (): void => {
    if (model.activity().streams > 0) throw inUse(stored)
  }
  const shared = {
    ...{ model, clock: parts.clock, scale, streams, requireAlone },
    ...{ endTokens: endTokensOf(stored), cacheOwner: ownerOf(id) },
  }
  const probes = await parts.benchProbes()
  const rounds: Round[] = []
  let foreignCpus = 0
  await warmUp({ ...shared, round: count }, signal)
  for (let round = 0; round < count; round += 1) {
    yield steps.next(`round ${round + 1} of ${count}`)
    foreignCpus += (await probes.foreignCpus(signal)) / count
    rounds.push(await measureRound({ ...shared, round }, signal))
  }
  const { facts } = model
  const memory = await probes.memoryOf(facts.pid)
  return { facts, plan, loadMs, streams, rounds, memory, foreignCpus }
}

/** With the newest run that nothing disturbed, when there is one. */
function comparison(outline: Outline, table: BenchTable): BenchReport["previous"] {
  const alike = table.list(outline.digest).filter((run) => isAlike(run, outline))
  const before = alike.find(({ isQuotable }) => isQuotable) ?? alike[0]
  if (before === undefined) return null
  const { id, at, isQuotable } = before
  return { id, at, isQuotable, changes: [...compareRuns(outline, before)] }
}

const isAlike = (one: Outline, other: Outline): boolean =>
  machineKey(one.machine) === machineKey(other.machine) &&
  one.isQuick === other.isQuick &&
  one.streams === other.streams &&
  one.longPromptTokens === other.longPromptTokens &&
  one.shortPromptTokens === other.shortPromptTokens &&
  one.answerTokens === other.answerTokens

async function requireGenerating(parts: Parts, reference: string): Promise<StoredModel> {
  const stored = await resolveModel(parts, reference)
  if (stored === undefined)
    throw new AppError("unsupported", {
      message: `${reference} computes nothing, so there is nothing to measure.`,
    })
  if (poolingOf(stored) === 0) return stored
  throw new AppError("unsupported", {
    message: `${stored.summary.name} makes embeddings and writes no text; only models that answer are measured.`,
  })
}

async function refuseBusy(parts: Parts, stored: StoredModel): Promise<void> {
  const entries = await (await parts.registry()).list()
  if (entries.some((it) => it.path === stored.path && it.streams + it.queued > 0)) throw inUse(stored)
}

const inUse = ({ summary }: StoredModel): AppError =>
  new AppError("model-in-use", {
    message: `${summary.name} is answering somebody; its figures would be wrong now.`,
    hint: "Try again when it is idle: fireside ps shows what is loaded.",
  })

/** What ends an answer, by the file: kept from coming, so that every answer has its length. */
function endTokensOf({ header }: StoredModel): readonly number[] {
  return ["eos", "eot", "eom"].flatMap((name) => {
    const value = header.metadata.get(`tokenizer.ggml.${name}_token_id`)?.value
    const token = Number(value)
    return value !== undefined && Number.isInteger(token) && token >= 0 ? [token] : []
  })
}
