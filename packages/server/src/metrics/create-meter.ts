// The numbers for Prometheus. No label holds what a client writes freely: a model's name is one of the library's, a route its pattern.
import type { Activity } from "@fireside/app"
import { Counter, Gauge, Histogram, Registry } from "prom-client"
import type { Meter } from "./meter.ts"

/** Seconds. From a cached prefix on a quick machine to a long document on a slow one. */
const FIRST_TOKEN_BUCKETS = [0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60]
const BETWEEN_TOKENS_BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]
const REQUEST_BUCKETS = [0.002, 0.01, 0.05, 0.25, 1, 5, 30, 120]

export function createMeter(activity: () => Activity): Meter {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Counter({
    name: "fireside_http_requests_total",
    help: "Requests answered.",
    labelNames: ["method", "route", "status"],
    registers,
  })
  const requestSeconds = new Histogram({
    name: "fireside_http_request_seconds",
    help: "Time from a request's head to the end of its answer.",
    labelNames: ["route"],
    buckets: REQUEST_BUCKETS,
    registers,
  })
  const firstToken = new Histogram({
    name: "fireside_time_to_first_token_seconds",
    help: "Time from a request to the first piece of its answer, waiting and loading included.",
    labelNames: ["model"],
    buckets: FIRST_TOKEN_BUCKETS,
    registers,
  })
  const betweenTokens = new Histogram({
    name: "fireside_inter_token_seconds",
    help: "Mean time between the pieces of an answer.",
    labelNames: ["model"],
    buckets: BETWEEN_TOKENS_BUCKETS,
    registers,
  })
  const tokens = new Counter({
    name: "fireside_tokens_total",
    help: "Tokens of prompts (`prompt`: computed, `cached`: reused) and of answers (`completion`).",
    labelNames: ["model", "kind"],
    registers,
  })
  const failures = new Counter({
    name: "fireside_answer_failures_total",
    help: "Answers that ended in an error.",
    labelNames: ["model", "code"],
    registers,
  })
  gauge("fireside_answers_running", "Answers being given.", (set) => set({}, activity().running))
  gauge("fireside_requests_waiting", "Requests that wait for their turn.", (set) =>
    set({}, activity().waiting),
  )
  gauge("fireside_model_memory_bytes", "Memory planned for a loaded model.", (set) => {
    for (const model of activity().models) set({ model: model.name }, model.memoryBytes)
  })
  gauge("fireside_model_streams", "Answers a loaded model is giving.", (set) => {
    for (const model of activity().models) set({ model: model.name }, model.streams)
  })

  function gauge(
    name: string,
    help: string,
    collect: (set: (labels: Record<string, string>, value: number) => void) => void,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: ["model"],
      registers,
      collect() {
        this.reset()
        collect((labels, value) => this.set(labels, value))
      },
    })
  }

  return {
    request({ method, path, status, seconds }) {
      requests.inc({ method, route: path, status })
      requestSeconds.observe({ route: path }, seconds)
    },
    answer({ model, usage, timings, interTokenSeconds }) {
      firstToken.observe({ model }, timings.ttftMs / 1_000)
      if (interTokenSeconds !== undefined) betweenTokens.observe({ model }, interTokenSeconds)
      tokens.inc({ model, kind: "prompt" }, usage.promptTokens - usage.cachedTokens)
      tokens.inc({ model, kind: "cached" }, usage.cachedTokens)
      tokens.inc({ model, kind: "completion" }, usage.completionTokens)
    },
    failure: ({ model, code }) => failures.inc({ model, code }),
    read: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  }
}
