// What the events of a pull add up to: the step it is at, the bytes of that step, and how it ended.
import type { ErrorBody, JobEvent } from "@fireside/protocol"

/** `other` is shown as the server words it. */
export type PullStep = "starting" | "asking" | "downloading" | "checking" | "joining" | "storing" | "other"

export interface PullProgress {
  readonly step: PullStep
  /** What the server says of the step; names its source or file. */
  readonly message: string
  /** Files of this step, by name. */
  readonly files: Readonly<Record<string, FileProgress>>
  readonly notices: readonly string[]
  readonly end: PullEnd | undefined
}

export interface FileProgress {
  readonly doneBytes: number
  readonly totalBytes: number
  readonly bytesPerSecond: number
  readonly secondsLeft: number | undefined
}

export type PullEnd =
  | { readonly type: "done"; readonly name: string }
  | { readonly type: "stopped" }
  | { readonly type: "failed"; readonly error: ErrorBody }

export const NO_PROGRESS: PullProgress = Object.freeze({
  step: "starting",
  message: "",
  files: {},
  notices: [],
  end: undefined,
})

/** Of what a long pull says only the newest is kept. */
const NOTICES_KEPT = 20

export function applyJobEvent(progress: PullProgress, event: JobEvent): PullProgress {
  switch (event.type) {
    case "status":
      // The bytes of a check are not those of the download before it.
      return { ...progress, step: stepOf(event.message), message: event.message, files: {} }
    case "progress": {
      const { file, doneBytes, totalBytes, bytesPerSecond, secondsLeft } = event
      const step = progress.step === "starting" ? "downloading" : progress.step
      return {
        ...progress,
        step,
        files: { ...progress.files, [file]: { doneBytes, totalBytes, bytesPerSecond, secondsLeft } },
      }
    }
    case "notice":
      return { ...progress, notices: [...progress.notices, event.message].slice(-NOTICES_KEPT) }
    case "finish":
      return { ...progress, end: { type: "done", name: event.name } }
    case "error": {
      const { code, message, hint } = event
      if (code === "interrupted") return { ...progress, end: { type: "stopped" } }
      return {
        ...progress,
        end: { type: "failed", error: { code, message, ...(hint === undefined ? {} : { hint }) } },
      }
    }
    default:
      return event satisfies never
  }
}

/** The first word of a status, as the library writes it. */
const STEPS: Readonly<Record<string, PullStep>> = {
  asking: "asking",
  downloading: "downloading",
  verifying: "checking",
  checking: "checking",
  joining: "joining",
  writing: "storing",
}

function stepOf(message: string): PullStep {
  return STEPS[message.split(" ", 1)[0] ?? ""] ?? "other"
}

export interface StepTotals {
  readonly doneBytes: number
  /** 0: not known. */
  readonly totalBytes: number
  readonly bytesPerSecond: number
  readonly secondsLeft: number | undefined
  /** 0 to 100, whole; undefined while the total is not known. */
  readonly percent: number | undefined
}

/** The files of a step as one. A file whose size is not known makes the total unknown. */
export function addUpStep({ files }: Pick<PullProgress, "files">): StepTotals {
  const all = Object.values(files)
  const doneBytes = sum(all.map((file) => file.doneBytes))
  const isKnown = all.length > 0 && all.every((file) => file.totalBytes > 0)
  const totalBytes = isKnown ? sum(all.map((file) => file.totalBytes)) : 0
  const open = all.filter((file) => file.doneBytes < file.totalBytes || file.totalBytes === 0)
  const bytesPerSecond = sum(open.map((file) => file.bytesPerSecond))
  const leftBytes = totalBytes - doneBytes
  const secondsLeft =
    isKnown && bytesPerSecond > 0 && leftBytes > 0 ? Math.ceil(leftBytes / bytesPerSecond) : undefined
  const percent = isKnown ? Math.min(100, Math.floor((doneBytes / totalBytes) * 100)) : undefined
  return { doneBytes, totalBytes, bytesPerSecond, secondsLeft, percent }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
