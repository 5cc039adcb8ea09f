// The thread by keyboard: Alt with ↑ and ↓ goes from answer to answer, with ← and → from one version of an answer to the next.
import { type KeyboardEvent, useLayoutEffect, useRef } from "react"
import { otherVersion, type ShownMessage } from "./message-tree.ts"

export interface ThreadKeysOptions {
  readonly shown: readonly ShownMessage[]
  readonly walk: (message: ShownMessage, step: 1 | -1) => void
}

export function useThreadKeys({
  shown,
  walk,
}: ThreadKeysOptions): (event: KeyboardEvent<HTMLElement>) => void {
  const waiting = useRef<{ readonly scroller: HTMLElement; readonly id: string }>(undefined)
  // Another version is another element: the focus goes along as soon as it is there.
  useLayoutEffect(() => {
    if (waiting.current === undefined) return
    const { scroller, id } = waiting.current
    const element = answersOf(scroller).find((answer) => answer.dataset.answer === id)
    if (element === undefined) return
    waiting.current = undefined
    element.focus()
  })

  return (event) => {
    const step = event.altKey ? stepOf(event) : undefined
    if (step === undefined) return
    event.preventDefault()
    const scroller = event.currentTarget
    const answers = answersOf(scroller)
    const at = answers.findIndex((answer) => answer.contains(document.activeElement))
    if (step.along === "answers") {
      focusAnswer(answers, at, step.by)
      return
    }
    const id = answers.at(at)?.dataset.answer
    const message = shown.find(({ stored }) => stored.id === id)
    const other = message === undefined ? undefined : otherVersion(message, step.by)
    if (message === undefined || other === undefined) return
    waiting.current = { scroller, id: other }
    walk(message, step.by)
  }
}

interface Step {
  readonly along: "answers" | "versions"
  readonly by: 1 | -1
}

/** Where people read from right to left, the next version lies to the left. */
function stepOf({ key }: KeyboardEvent<HTMLElement>): Step | undefined {
  const forth = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight"
  switch (key) {
    case "ArrowUp":
      return { along: "answers", by: -1 }
    case "ArrowDown":
      return { along: "answers", by: 1 }
    case "ArrowLeft":
    case "ArrowRight":
      return { along: "versions", by: key === forth ? 1 : -1 }
    default:
      return undefined
  }
}

function answersOf(scroller: HTMLElement): readonly HTMLElement[] {
  return [...scroller.querySelectorAll<HTMLElement>("[data-answer]")]
}

/** `at`: the one with the focus; below 0: none has it. */
function focusAnswer(answers: readonly HTMLElement[], at: number, by: 1 | -1): void {
  const next = at < 0 ? (by === 1 ? 0 : answers.length - 1) : at + by
  answers[Math.max(0, Math.min(next, answers.length - 1))]?.focus()
}
