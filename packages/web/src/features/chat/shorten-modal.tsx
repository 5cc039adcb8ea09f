// Shows what goes before it goes: the messages that the model will not read any more, and what stands for them.
import type { Conversation } from "@fireside/protocol"
import { Button, Group, Modal, Paper, Stack, Text } from "@mantine/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "../../api.ts"
import { refreshConversation } from "../../conversations/use-conversations.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { type AnswerState, NEW_ANSWER, withEvent } from "./answer-state.ts"
import { AnswerStatus } from "./answer-status.tsx"
import classes from "./context-offers.module.css"
import type { ShortenPlan } from "./shorten-plan.ts"

export interface ShortenModalProps {
  readonly how: "shorten" | "summarise"
  readonly plan: ShortenPlan
  readonly conversation: Conversation
  readonly model: string
  readonly contextLength: number
  readonly onClose: () => void
  readonly onShorten: () => Promise<unknown>
}

export function ShortenModal(props: ShortenModalProps) {
  const { how, plan, contextLength, onClose, onShorten } = props
  const { t, i18n } = useTranslation("chat")
  const summary = useSummary(props)
  const cut = useMutation({ mutationFn: onShorten, onSuccess: onClose })
  const number = new Intl.NumberFormat(i18n.language)
  const isWriting = summary.answer !== undefined && summary.work.isPending
  const error = cut.error ?? summary.work.error
  const close = () => {
    summary.stop()
    onClose()
  }
  return (
    <Modal
      opened
      onClose={close}
      title={t(`full.${how}`)}
      size="lg"
      closeButtonProps={{ "aria-label": t("full.close") }}
    >
      <Stack gap="sm">
        <Text size="sm">
          {t(`full.${how}Text`, {
            gone: number.format(plan.goneTokens),
            kept: number.format(plan.keptTokens),
            of: number.format(contextLength),
          })}
        </Text>
        {summary.answer === undefined ? (
          <section
            className={classes.gone}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
            tabIndex={0}
            aria-label={t("full.gone")}
          >
            {plan.gone.map(({ id, message }) => (
              <div key={id}>
                <Text size="xs" c="dimmed">
                  {t(message.role === "user" ? "question" : "answer")}
                </Text>
                <Text size="sm" lineClamp={3}>
                  {message.content}
                </Text>
              </div>
            ))}
          </section>
        ) : (
          <Paper withBorder p="sm" aria-label={t("cut.summary")} component="section">
            <Text size="sm" className={classes.summary}>
              {summary.answer.text}
            </Text>
            {isWriting ? <AnswerStatus phase={summary.answer.phase} /> : null}
          </Paper>
        )}
        <Text size="xs" c="dimmed">
          {t("full.kept")}
        </Text>
        {error === null ? null : <ErrorCard error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("full.cancel")}
          </Button>
          <Button
            loading={cut.isPending || isWriting}
            onClick={() => (how === "shorten" ? cut.mutate() : summary.work.mutate())}
          >
            {t(`full.${how}Do`)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

/** The server stores it when it is whole; stopped before, it changes nothing. */
function useSummary({ plan, conversation, model, onClose }: ShortenModalProps) {
  const { t } = useTranslation("chat")
  const queries = useQueryClient()
  const [answer, setAnswer] = useState<AnswerState>()
  const stopped = useRef<AbortController>(undefined)
  const { id } = conversation
  const work = useMutation({
    async mutationFn() {
      stopped.current = new AbortController()
      let written = NEW_ANSWER
      setAnswer(written)
      const wish = { before: plan.from, ...(model === "" ? {} : { model }) }
      for await (const event of api.conversations.summarise(id, wish, stopped.current.signal)) {
        written = withEvent(written, event)
        setAnswer(written)
      }
      if (written.phase.type === "failed") throw new Error(written.phase.message)
      if (written.text.trim() === "") throw new Error(t("full.noSummary"))
      await refreshConversation(queries, id)
    },
    onSuccess: onClose,
    onError: () => setAnswer(undefined),
  })
  return { answer, work, stop: () => stopped.current?.abort() }
}
