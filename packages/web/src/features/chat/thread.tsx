// The messages of one path, and the answer that is being written. It follows what comes only while its reader is at the end.
import { Button, Skeleton, Stack } from "@mantine/core"
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { Announcer } from "./announcer.tsx"
import { type AnswerState, isOver } from "./answer-state.ts"
import { AnswerView } from "./answer-view.tsx"
import { type Cut, CutLine } from "./cut-line.tsx"
import { otherVersion, type ShownMessage } from "./message-tree.ts"
import { QuestionView } from "./question-view.tsx"
import type { RunningAnswer } from "./running-answers.ts"
import classes from "./thread.module.css"

/** Nearer to the end than this counts as being there, pixels. */
const AT_END = 48

export interface ThreadProps {
  readonly path: readonly ShownMessage[]
  readonly isPending: boolean
  readonly running: RunningAnswer | undefined
  readonly failure: AnswerState | undefined
  readonly onVersion: (through: string) => void
  readonly onEdit: (messageId: string, content: string) => Promise<void>
  readonly onAgain: (answerId: string) => Promise<void>
  /** Answers a question that has no answer: it was stopped before the first word, or failed. */
  readonly onAnswer: (questionId: string) => Promise<void>
  /** Undefined: all of it is sent. */
  readonly cut?: Cut | undefined
  /** Undefined: answers cannot go on. */
  readonly onContinue?: (answerId: string) => Promise<void>
}

export function Thread({
  path,
  isPending,
  running,
  failure,
  onVersion,
  onEdit,
  onAgain,
  onAnswer,
  onContinue,
  cut,
}: ThreadProps) {
  const { t } = useTranslation("chat")
  const scroller = useRef<HTMLDivElement>(null)
  const [isAtEnd, setAtEnd] = useState(true)
  /** The same at once: what comes into sight while its reader scrolls up grows before the next rendering. */
  const follows = useRef(true)
  const shown = withoutAnswered(path, running)
  const last = path.at(-1)?.stored
  const cutAt = cut === undefined ? -1 : shown.findIndex(({ stored }) => stored.id === cut.from)

  const toEnd = useCallback(() => {
    const element = scroller.current
    if (element !== null) element.scrollTop = element.scrollHeight
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is shown decides where the end is
  useLayoutEffect(() => {
    if (isAtEnd) toEnd()
  }, [isAtEnd, toEnd, running?.answer, path.length, failure])
  // Markdown, fonts and images of the page's own grow after they are there.
  useEffect(() => {
    const element = scroller.current?.firstElementChild
    if (element === null || element === undefined) return
    const observer = new ResizeObserver(() => {
      if (follows.current) toEnd()
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [toEnd])

  const walk = (message: ShownMessage, step: 1 | -1) => {
    const other = otherVersion(message, step)
    if (other !== undefined) onVersion(other)
  }
  return (
    <div className={classes.frame}>
      <div
        ref={scroller}
        className={classes.scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t("thread")}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          follows.current = scrollHeight - scrollTop - clientHeight < AT_END
          setAtEnd(follows.current)
        }}
        onKeyDown={(event) => {
          if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return
          event.preventDefault()
          focusAnswer(event.currentTarget, event.key === "ArrowDown" ? 1 : -1)
        }}
      >
        <Stack gap="lg" className={classes.messages}>
          {isPending
            ? [80, 60, 90].map((width) => <Skeleton key={width} height={20} width={`${width}%`} />)
            : shown.map((message, index) => (
                <div key={message.stored.id} data-unsent={index < cutAt || undefined}>
                  {cut !== undefined && index === cutAt && index > 0 ? <CutLine {...cut} /> : null}
                  {message.stored.message.role === "assistant" ? (
                    <AnswerView
                      message={message}
                      isBusy={running !== undefined}
                      onStep={(step) => walk(message, step)}
                      onAgain={() => onAgain(message.stored.id)}
                      onContinue={onContinue === undefined ? undefined : () => onContinue(message.stored.id)}
                    />
                  ) : (
                    <QuestionView
                      message={message}
                      isBusy={running !== undefined}
                      onStep={(step) => walk(message, step)}
                      onEdit={(content) => onEdit(message.stored.id, content)}
                    />
                  )}
                </div>
              ))}
          {running?.question === undefined || isStored(path, running) ? null : (
            <QuestionView text={running.question} />
          )}
          {running === undefined ? null : <AnswerView live={running.answer} />}
          {failure === undefined ? null : <AnswerView live={failure} />}
          {running === undefined && last?.message.role === "user" ? (
            <Button
              variant="default"
              size="xs"
              onClick={() => void onAnswer(last.id)}
              className={classes.answerThis}
            >
              {t("answerThis")}
            </Button>
          ) : null}
        </Stack>
      </div>
      {isAtEnd ? null : (
        <Button className={classes.newest} size="compact-sm" radius="xl" variant="default" onClick={toEnd}>
          {t("newest")}
        </Button>
      )}
      <Announcer answer={running?.answer} />
    </div>
  )
}

/** The question of a turn is stored before its answer begins: then it is in the path already. */
function isStored(path: readonly ShownMessage[], { question }: RunningAnswer): boolean {
  const last = path.at(-1)?.stored.message
  return last?.role === "user" && last.content === question
}

/** While an answer is written anew, the version before it makes room. */
function withoutAnswered(
  path: readonly ShownMessage[],
  running: RunningAnswer | undefined,
): readonly ShownMessage[] {
  if (running === undefined || isOver(running.answer)) return path
  const { question, parentId } = running
  if (parentId === undefined) return path
  const at = path.findIndex(({ stored }) => stored.parentId === parentId)
  if (at < 0) return path
  // A question that was stored meanwhile stays.
  return question !== undefined && path[at]?.stored.message.content === question
    ? path.slice(0, at + 1)
    : path.slice(0, at)
}

function focusAnswer(scroller: HTMLElement, step: 1 | -1): void {
  const answers = [...scroller.querySelectorAll<HTMLElement>("[data-answer]")]
  const at = answers.findIndex((answer) => answer.contains(document.activeElement))
  const next = at < 0 ? (step === 1 ? 0 : answers.length - 1) : at + step
  answers[Math.max(0, Math.min(next, answers.length - 1))]?.focus()
}
