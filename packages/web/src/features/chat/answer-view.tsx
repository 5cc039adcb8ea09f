// One answer, stored or being written: what the model thought, what it says, how it is going, what can be done with it.
import { ActionIcon, Button, CopyButton, Group, Stack, Text, Tooltip } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { AnswerText } from "../../markdown/answer-text.tsx"
import { ErrorCard } from "../../ui/error-card.tsx"
import { Icon } from "../../ui/icon.tsx"
import { AnswerDetails } from "./answer-details.tsx"
import type { AnswerState } from "./answer-state.ts"
import { AnswerStatus } from "./answer-status.tsx"
import classes from "./message.module.css"
import type { ShownMessage } from "./message-tree.ts"
import { Versions } from "./versions.tsx"

export type AnswerViewProps =
  | { readonly live: AnswerState }
  | {
      readonly message: ShownMessage
      readonly isBusy: boolean
      readonly onStep: (step: 1 | -1) => void
      readonly onAgain: () => Promise<void>
      /** Undefined: it cannot go on. */
      readonly onContinue?: (() => Promise<void>) | undefined
    }

export function AnswerView(props: AnswerViewProps) {
  const { t } = useTranslation("chat")
  const { text, reasoning } = "live" in props ? props.live : contentOf(props.message)
  // Until what is stored takes its place: before that no other turn can begin.
  const isLive = "live" in props && props.live.phase.type !== "failed"
  return (
    <section
      className={classes.answer}
      aria-label={t("answer")}
      data-answer={"live" in props ? "" : props.message.stored.id}
      data-live={isLive}
      // Alt+↑ and Alt+↓ go from answer to answer.
      tabIndex={-1}
    >
      {reasoning === "" ? null : (
        <details className={classes.reasoning} open={isLive && text === ""}>
          <summary>
            {t(isLive && text === "" ? "reasoning.now" : "reasoning.summary", { count: wordsOf(reasoning) })}
          </summary>
          <Text size="sm" c="dimmed" className={classes.plain}>
            {reasoning}
          </Text>
        </details>
      )}
      <AnswerText text={text} isLive={isLive} />
      {"live" in props ? <LiveEnd answer={props.live} /> : <StoredEnd {...props} text={text} />}
    </section>
  )
}

function LiveEnd({ answer }: { readonly answer: AnswerState }) {
  const { phase } = answer
  if (phase.type === "failed") return <ErrorCard error={phase} />
  return <AnswerStatus phase={phase} />
}

interface StoredEndProps {
  readonly message: ShownMessage
  readonly isBusy: boolean
  readonly onStep: (step: 1 | -1) => void
  readonly onAgain: () => Promise<void>
  readonly onContinue?: (() => Promise<void>) | undefined
  readonly text: string
}

function StoredEnd({ message, isBusy, onStep, onAgain, onContinue, text }: StoredEndProps) {
  const { t } = useTranslation("chat")
  const { stored } = message
  return (
    <Stack gap={4}>
      {stored.state === "partial" ? (
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {t("stopped")}
          </Text>
          {onContinue === undefined || text === "" ? null : (
            <Button size="compact-xs" variant="default" disabled={isBusy} onClick={() => void onContinue()}>
              {t("continue")}
            </Button>
          )}
        </Group>
      ) : null}
      <Group gap={4} className={classes.actions}>
        <Versions message={message} onStep={onStep} />
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Tooltip label={t(copied ? "copied" : "copy")}>
              <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t("copy")} onClick={copy}>
                <Icon name="copy" size={16} />
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
        <Tooltip label={t("again")}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={t("again")}
            disabled={isBusy}
            onClick={() => void onAgain()}
          >
            <Icon name="again" size={16} />
          </ActionIcon>
        </Tooltip>
        <AnswerDetails stored={stored} />
      </Group>
    </Stack>
  )
}

function contentOf({ stored: { message } }: ShownMessage): { text: string; reasoning: string } {
  const reasoning = message.role === "assistant" ? message.reasoning : undefined
  return { text: message.content, reasoning: reasoning ?? "" }
}

function wordsOf(text: string): number {
  return text.split(/\s+/).filter(Boolean).length
}
