// One answer of each model. They are asked one after another: at the same time each would be slower, and its figures wrong.
import type { Timings } from "@fireside/protocol"
import { api } from "../../api.ts"

export interface Column {
  readonly model: string
  readonly text: string
  readonly state: "waiting" | "writing" | "done" | "stopped"
  /** What went wrong; undefined: nothing. */
  readonly problem: unknown
  readonly timings: Timings | undefined
}

export function columnsFor(models: readonly string[]): readonly Column[] {
  return models.map((model) => ({
    model,
    text: "",
    state: "waiting",
    problem: undefined,
    timings: undefined,
  }))
}

export interface Comparison {
  readonly models: readonly string[]
  readonly prompt: string
  readonly onChange: (columns: readonly Column[]) => void
}

export async function askAll({ models, prompt, onChange }: Comparison, signal: AbortSignal): Promise<void> {
  let columns = columnsFor(models)
  let isDrawing = false
  const put = (model: string, part: Partial<Column>) => {
    columns = columns.map((column) => (column.model === model ? { ...column, ...part } : column))
  }
  const change = (model: string, part: Partial<Column>) => {
    put(model, part)
    onChange(columns)
  }
  /** Once a frame at most, however fast the words come. */
  const changeSoon = (model: string, part: Partial<Column>) => {
    put(model, part)
    if (isDrawing) return
    isDrawing = true
    requestAnimationFrame(() => {
      isDrawing = false
      onChange(columns)
    })
  }
  for (const model of models) {
    let text = ""
    try {
      const messages = [{ role: "user" as const, content: prompt }]
      for await (const event of api.chat({ model, messages }, signal)) {
        if (event.type === "text-delta") {
          text += event.text
          changeSoon(model, { text, state: "writing" })
        }
        if (event.type === "finish") change(model, { state: "done", timings: event.timings })
        if (event.type === "error") change(model, { state: "stopped", problem: event })
      }
    } catch (error) {
      change(model, { state: "stopped", problem: signal.aborted ? undefined : error })
      if (signal.aborted) return
    }
  }
}
