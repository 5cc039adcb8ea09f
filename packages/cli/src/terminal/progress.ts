// Progress of long work: one bar on a terminal, a line now and then elsewhere, JSON lines for programs.
import type { JobEvent } from "@fireside/protocol"
import type { SingleBar } from "cli-progress"
import type { CommandContext } from "../context.ts"
import { formatDuration, formatSize } from "./format.ts"
import { stripEscapes, toJsonLine } from "./strip-escapes.ts"

export interface FollowedJob {
  readonly name: string
  readonly digest: string
}

/** Without a terminal a line is written at each of these shares of a file. */
const STEP_PERCENT = 10

/** Shows the events of a job until its end. Throws what the job throws. */
export async function followJob(
  context: CommandContext,
  events: AsyncIterable<JobEvent>,
): Promise<FollowedJob> {
  const { io, flags } = context
  const { dim } = io.errColours
  let finished: FollowedJob | undefined
  const display = io.stderrIsTerminal && !flags.json ? await createBar(context) : createLines(context)
  try {
    for await (const event of events) {
      if (flags.json) await io.out(toJsonLine(event))
      switch (event.type) {
        case "progress":
          if (!flags.json) display.progress(event)
          break
        case "status":
        case "notice":
          if (flags.json) break
          display.pause()
          io.err(`${dim(stripEscapes(event.message))}\n`)
          break
        case "finish":
          // Read on to the end: what the job does after its last event belongs to it.
          finished = event
          break
        case "error":
          throw new Error("`error` events are thrown by the app")
        default:
          event satisfies never
      }
    }
  } finally {
    display.pause()
  }
  if (finished === undefined) throw new Error("the job ended without `finish`")
  return finished
}

type Progress = Extract<JobEvent, { type: "progress" }>

interface Display {
  progress(event: Progress): void
  /** Leaves the bar where it is, so that other lines can be written. */
  pause(): void
}

function describe({ doneBytes, totalBytes, bytesPerSecond, secondsLeft }: Progress): string {
  const size =
    totalBytes > 0 ? `${formatSize(doneBytes)} of ${formatSize(totalBytes)}` : formatSize(doneBytes)
  const speed = bytesPerSecond > 0 ? ` · ${formatSize(bytesPerSecond)}/s` : ""
  const left =
    secondsLeft === undefined || doneBytes >= totalBytes ? "" : ` · ${formatDuration(secondsLeft)} left`
  return `${size}${speed}${left}`
}

const FILE_WIDTH = 28

function shorten(file: string): string {
  const clean = stripEscapes(file).replace(/^sha256[:-]/, "")
  return clean.length <= FILE_WIDTH ? clean : `${clean.slice(0, FILE_WIDTH - 1)}…`
}

async function createBar({ io }: CommandContext): Promise<Display> {
  const { SingleBar } = (await import("cli-progress")).default
  let bar: SingleBar | undefined
  let file = ""
  const begin = (event: Progress): SingleBar => {
    const { cyan, dim } = io.errColours
    const created = new SingleBar({
      format: `${shorten(event.file)}  ${cyan("{bar}")} {percentage}%  ${dim("{line}")}`,
      barCompleteChar: "━",
      barIncompleteChar: "─",
      barsize: Math.max(10, Math.min(30, io.columns() - 76)),
      hideCursor: true,
      stream: io.stderr,
      gracefulExit: false,
      fps: 8,
    })
    created.start(Math.max(event.totalBytes, 1), event.doneBytes, { line: describe(event) })
    return created
  }
  const pause = (): void => {
    bar?.stop()
    bar = undefined
  }
  return {
    progress(event) {
      if (event.file !== file) pause()
      file = event.file
      if (bar === undefined) bar = begin(event)
      if (bar.getTotal() !== event.totalBytes && event.totalBytes > 0) bar.setTotal(event.totalBytes)
      bar.update(event.doneBytes, { line: describe(event) })
    },
    pause,
  }
}

function createLines({ io }: CommandContext): Display {
  let file = ""
  let next = 0
  return {
    progress(event) {
      if (event.file !== file) next = 0
      file = event.file
      const percent = event.totalBytes > 0 ? Math.floor((event.doneBytes / event.totalBytes) * 100) : 0
      if (percent < next) return
      next = percent - (percent % STEP_PERCENT) + STEP_PERCENT
      io.err(`${shorten(event.file)} ${percent}% (${describe(event)})\n`)
    },
    pause: () => {},
  }
}
