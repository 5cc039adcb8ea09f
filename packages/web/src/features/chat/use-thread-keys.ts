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
  const waiting = useRef<{ readonly scroller: HTMLElement; readonly at: number }>(undefined)
  // Another version is another element in the same place: the focus goes along.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is shown decides which element that is
  useLayoutEffect(() => {
    if (waiting.current === undefined) return
    const { scroller, at } = waiting.current
    waiting.current = undefined
    answersOf(scroller)[at]?.focus()
  }, [shown.map(({ stored }) => stored.id).join(" ")])

  return (event) => {
    const step = event.altKey ? stepOf(event) : undefined
    if (step === undefined) return
    event.preventDefault()
    const scroller = event.currentTarget
    const at = answersOf(scroller).findIndex((answer) => answer.contains(document.activeElement))
    if (step.along === "answers") {
      focusAnswer(scroller, at, step.by)
      return
    }
    const answers = shown.filter(({ stored }) => stored.message.role === "assistant")
    const index = at < 0 ? answers.length - 1 : at
    const message = answers[index]
    if (message === undefined || otherVersion(message, step.by) === undefined) return
    waiting.current = { scroller, at: index }
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
function focusAnswer(scroller: HTMLElement, at: number, by: 1 | -1): void {
  const answers = answersOf(scroller)
  const next = at < 0 ? (by === 1 ? 0 : answers.length - 1) : at + by
  answers[Math.max(0, Math.min(next, answers.length - 1))]?.focus()
}
