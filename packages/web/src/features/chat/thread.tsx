// The messages of one path, and the answer that is being written. It follows what comes only while its reader is at the end.
import { Button, Skeleton, Stack } from "@mantine/core"
import { Fragment, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { Announcer } from "./announcer.tsx"
import type { AnswerState } from "./answer-state.ts"
import { type Cut, CutLine } from "./cut-line.tsx"
import { otherVersion, type ShownMessage } from "./message-tree.ts"
import { createRowWatch, NearRows } from "./near-rows.ts"
import { type RunningAnswer, useAnswerStates } from "./running-answers.ts"
import classes from "./thread.module.css"
import { type RowActions, ThreadRow } from "./thread-row.tsx"
import { threadRows } from "./thread-rows.ts"
import { useThreadKeys } from "./use-thread-keys.ts"

/** Nearer to the end than this counts as being there, pixels. */
const AT_END = 48
/** So many rows are in sight, or nearly, when a thread opens at its end. */
const ROWS_AT_END = 8

export interface ThreadProps {
  readonly conversationId: string
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

export function Thread(props: ThreadProps) {
  const { conversationId, path, isPending, running, failure, onAnswer, onContinue, cut } = props
  const { t } = useTranslation("chat")
  const scroller = useRef<HTMLDivElement>(null)
  const [isAtEnd, setAtEnd] = useState(true)
  const runningId = useAnswerStates(({ byConversation }) => byConversation[conversationId]?.id)
  const rows = threadRows({ path, conversationId, running, runningId, failure })
  const actions = useRowActions(props)
  const [watchRow] = useState(() => createRowWatch(() => scroller.current))
  const last = path.at(-1)?.stored
  const cutAt = cut === undefined ? -1 : rows.findIndex(({ key }) => key === cut.from)

  const toEnd = useCallback(() => {
    const element = scroller.current
    if (element !== null) element.scrollTop = element.scrollHeight
  }, [])
  // Known at once, before what follows from it is drawn: who has just scrolled away must not be brought back.
  const follows = useRef(true)
  const followEnd = useCallback(() => {
    if (follows.current) toEnd()
  }, [toEnd])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is shown decides where the end is
  useLayoutEffect(followEnd, [followEnd, rows.length])
  // What is being written grows, and so do markdown and fonts after they are there: seen before the frame is drawn.
  useEffect(() => {
    const element = scroller.current?.firstElementChild
    if (element === null || element === undefined) return
    const observer = new ResizeObserver(followEnd)
    observer.observe(element)
    return () => observer.disconnect()
  }, [followEnd])

  const keys = useThreadKeys({
    shown: path,
    walk: (message, step) => {
      const other = otherVersion(message, step)
      if (other !== undefined) props.onVersion(other)
    },
  })
  return (
    <div className={classes.frame}>
      <div
        ref={scroller}
        className={classes.scroller}
        data-at-end={isAtEnd}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t("thread")}
        onScroll={({ currentTarget }) => {
          const { scrollTop, scrollHeight, clientHeight } = currentTarget
          follows.current = scrollHeight - scrollTop - clientHeight < AT_END
          // In this very frame: rows above that are drawn in the next must not push any more.
          currentTarget.dataset.atEnd = String(follows.current)
          setAtEnd(follows.current)
        }}
        onKeyDown={(event) => keys(event)}
      >
        <NearRows value={watchRow}>
          <Stack gap="lg" className={classes.messages}>
            {isPending
              ? [80, 60, 90].map((width) => <Skeleton key={width} height={20} width={`${width}%`} />)
              : rows.map(({ key, content }, at) => (
                  <Fragment key={key}>
                    {cut !== undefined && at === cutAt && at > 0 ? <CutLine {...cut} /> : null}
                    <ThreadRow
                      content={content}
                      isUnsent={at < cutAt}
                      isBusy={running !== undefined}
                      canContinue={onContinue !== undefined}
                      isNearNow={at >= rows.length - ROWS_AT_END}
                      actions={actions}
                    />
                  </Fragment>
                ))}
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
        </NearRows>
      </div>
      {isAtEnd ? null : (
        <Button className={classes.newest} size="compact-sm" radius="xl" variant="default" onClick={toEnd}>
          {t("newest")}
        </Button>
      )}
      <Announcer conversationId={conversationId} />
    </div>
  )
}

/** What the rows call stays the same, so that they are not drawn anew with every key; what it does is of the last time. */
function useRowActions(props: ThreadProps): RowActions {
  const latest = useRef(props)
  useLayoutEffect(() => {
    latest.current = props
  })
  const [actions] = useState<RowActions>(() => ({
    onVersion: (through) => latest.current.onVersion(through),
    onEdit: (messageId, content) => latest.current.onEdit(messageId, content),
    onAgain: (answerId) => latest.current.onAgain(answerId),
    onContinue: async (answerId) => latest.current.onContinue?.(answerId),
  }))
  return actions
}
