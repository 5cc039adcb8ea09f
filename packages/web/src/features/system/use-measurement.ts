// Measuring one model: what is being measured, then the figures. Leaving the page stops it.
import type { BenchReport, BenchRequest } from "@fireside/protocol"
import { useQueryClient } from "@tanstack/react-query"
import { useEffect, useRef, useState } from "react"
import { api } from "../../api.ts"

export type MeasurementState =
  | { readonly type: "idle" }
  | { readonly type: "running"; readonly message: string; readonly fraction: number }
  | { readonly type: "done"; readonly report: BenchReport }
  | { readonly type: "failed"; readonly error: unknown }

export interface Measurement {
  readonly state: MeasurementState
  start(request: BenchRequest): void
  stop(): void
}

export function useMeasurement(): Measurement {
  const client = useQueryClient()
  const [state, setState] = useState<MeasurementState>({ type: "idle" })
  const running = useRef(new AbortController())
  useEffect(() => () => running.current.abort(), [])

  async function measure(request: BenchRequest, signal: AbortSignal): Promise<void> {
    try {
      for await (const event of api.bench.run(request, signal)) {
        if (event.type === "finish") setState({ type: "done", report: event.report })
        else
          setState({
            type: "running",
            message: event.message,
            fraction: event.totalSteps === 0 ? 0 : Math.min(1, event.doneSteps / event.totalSteps),
          })
      }
      await client.invalidateQueries({ queryKey: ["system", "bench"] })
    } catch (error) {
      // Whoever stopped it has said already what comes next.
      if (!signal.aborted) setState({ type: "failed", error })
    }
  }

  return {
    state,
    start(request) {
      running.current.abort()
      running.current = new AbortController()
      setState({ type: "running", message: "", fraction: 0 })
      void measure(request, running.current.signal)
    },
    stop() {
      running.current.abort()
      setState({ type: "idle" })
    },
  }
}
