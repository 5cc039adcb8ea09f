// What is counted, as the rest of the server sees it. `create-meter.ts` keeps it for Prometheus.
import type { Timings, Usage } from "@fireside/protocol"

export interface Meter {
  request(facts: {
    readonly method: string
    /** The route's pattern. */
    readonly path: string
    readonly status: number
    readonly seconds: number
  }): void
  /** One answer that came to its end. `interTokenSeconds` is the mean gap between its deltas. */
  answer(facts: {
    readonly model: string
    readonly usage: Usage
    readonly timings: Timings
    readonly interTokenSeconds: number | undefined
  }): void
  failure(facts: { readonly model: string; readonly code: string }): void
  /** The text of `/metrics`, and its content type. */
  read(): Promise<{ readonly text: string; readonly contentType: string }>
}
