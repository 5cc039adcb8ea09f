// A thread that reads its share of a shared buffer again and again: once when it is told to begin, and says when it is done.
import { parentPort, workerData } from "node:worker_threads"
import { readLines } from "./read-memory.ts"

/** What `memoryBandwidth` hands to its threads. */
export interface ReaderShare {
  readonly buffer: SharedArrayBuffer
  readonly from: number
  readonly to: number
}

// Given by `memoryBandwidth` alone.
const { buffer, from, to } = workerData as ReaderShare
const words = new Float64Array(buffer)
parentPort?.on("message", () => {
  parentPort?.postMessage(readLines(words, { from, to }))
})
parentPort?.postMessage(0)
