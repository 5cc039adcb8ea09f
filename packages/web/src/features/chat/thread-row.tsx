// One row of the thread: a question or an answer, stored or just being said. Whole when it is near, its text until then.
import { memo } from "react"
import { useTranslation } from "react-i18next"
import { AnswerView } from "./answer-view.tsx"
import classes from "./message.module.css"
import { otherVersion, type ShownMessage } from "./message-tree.ts"
import { useNear } from "./near-rows.ts"
import { QuestionView } from "./question-view.tsx"
import { useAnswerStates } from "./running-answers.ts"
import type { RowContent } from "./thread-rows.ts"

export interface RowActions {
  readonly onVersion: (through: string) => void
  readonly onEdit: (messageId: string, content: string) => Promise<void>
  readonly onAgain: (answerId: string) => Promise<void>
  readonly onContinue: (answerId: string) => Promise<void>
}

export interface ThreadRowProps {
  readonly content: RowContent
  readonly isBusy: boolean
  readonly canContinue: boolean
  /** It stays in sight, and the model is not told of it any more. */
  readonly isUnsent: boolean
  readonly isNearNow: boolean
  /** The same ones as long as the thread is there. */
  readonly actions: RowActions
}

export const ThreadRow = memo(function ThreadRow(props: ThreadRowProps) {
  const { row, isNear } = useNear(props.isNearNow)
  const { content } = props
  return (
    <div ref={row} className={classes.row} data-unsent={props.isUnsent || undefined}>
      {isNear || content.type !== "stored" ? <WholeRow {...props} /> : <PlainRow message={content.message} />}
    </div>
  )
}, isSameRow)

function WholeRow({ content, isBusy, canContinue, actions }: ThreadRowProps) {
  const live = useAnswerStates(({ byConversation }) =>
    content.type === "running" ? byConversation[content.conversationId] : undefined,
  )
  if (content.type === "asked") return <QuestionView text={content.text} />
  if (content.type === "failed") return <AnswerView live={content.answer} />
  if (content.type === "running") return live === undefined ? null : <AnswerView live={live} />
  const { message } = content
  const { id } = message.stored
  const onStep = (step: 1 | -1) => {
    const other = otherVersion(message, step)
    if (other !== undefined) actions.onVersion(other)
  }
  return message.stored.message.role === "assistant" ? (
    <AnswerView
      message={message}
      isBusy={isBusy}
      onStep={onStep}
      onAgain={() => actions.onAgain(id)}
      onContinue={canContinue ? () => actions.onContinue(id) : undefined}
    />
  ) : (
    <QuestionView
      message={message}
      isBusy={isBusy}
      onStep={onStep}
      onEdit={(text) => actions.onEdit(id, text)}
    />
  )
}

/** Found by the browser's search, read by a screen reader, reached by Alt+↑: only not drawn as markdown yet. */
function PlainRow({ message: { stored } }: { readonly message: ShownMessage }) {
  const { t } = useTranslation("chat")
  const { role, content } = stored.message
  return role === "assistant" ? (
    <section
      className={classes.answer}
      aria-label={t("answer")}
      data-answer={stored.id}
      data-live={false}
      // Alt+↑ and Alt+↓ go from answer to answer.
      tabIndex={-1}
    >
      <div className={classes.plain}>{content}</div>
    </section>
  ) : (
    <section className={classes.question} aria-label={t("question")}>
      <div className={classes.plain}>{content}</div>
    </section>
  )
}

/** Paths are made anew whenever messages are read; most of their messages are the same ones. */
function isSameRow(before: ThreadRowProps, after: ThreadRowProps): boolean {
  return (
    before.isBusy === after.isBusy &&
    before.canContinue === after.canContinue &&
    before.isUnsent === after.isUnsent &&
    before.actions === after.actions &&
    isSameContent(before.content, after.content)
  )
}

function isSameContent(before: RowContent, after: RowContent): boolean {
  switch (after.type) {
    case "stored":
      return (
        before.type === "stored" &&
        before.message.stored === after.message.stored &&
        before.message.versions.join() === after.message.versions.join()
      )
    case "asked":
      return before.type === "asked" && before.text === after.text
    case "running":
      return before.type === "running" && before.conversationId === after.conversationId
    case "failed":
      return before.type === "failed" && before.answer === after.answer
    default:
      return after satisfies never
  }
}
