// What can be done when the context is nearly full, each with what it means in numbers. Nothing is lost by any of it.
import type { Conversation, StoredMessage } from "@fireside/protocol"
import { Alert, Button, Group, Text } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useChangeConversation } from "../../conversations/use-conversations.ts"
import classes from "./context-offers.module.css"
import type { ContextUse } from "./context-use.ts"
import { LargerContext } from "./larger-context.tsx"
import { ShortenModal } from "./shorten-modal.tsx"
import { planShortening } from "./shorten-plan.ts"

export interface ContextOffersProps {
  readonly conversation: Conversation
  readonly model: string
  /** Of the path that is shown. */
  readonly messages: readonly StoredMessage[]
  readonly use: ContextUse
  readonly contextLength: number
  readonly isBusy: boolean
}

type Offer = "shorten" | "summarise" | "larger"

export function ContextOffers({
  conversation,
  model,
  messages,
  use,
  contextLength,
  isBusy,
}: ContextOffersProps) {
  const { t, i18n } = useTranslation("chat")
  const [open, setOpen] = useState<Offer>()
  const change = useChangeConversation()
  const { shortened, id } = conversation
  const plan = planShortening(messages, { shortened, usedTokens: use.usedTokens, contextLength })
  const number = new Intl.NumberFormat(i18n.language)
  const close = () => setOpen(undefined)
  return (
    <Alert variant="light" className={classes.offers} p="xs" role="status">
      <Text size="sm">
        {t("full.text", {
          percent: number.format(Math.round(use.fraction * 100)),
          used: number.format(use.usedTokens),
          of: number.format(contextLength),
        })}
      </Text>
      <Group gap="xs" mt={6}>
        <Button
          size="xs"
          variant="default"
          disabled={isBusy || plan === undefined}
          onClick={() => setOpen("shorten")}
        >
          {t("full.shorten")}
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={isBusy || plan === undefined}
          onClick={() => setOpen("summarise")}
        >
          {t("full.summarise")}
        </Button>
        <Button size="xs" variant="default" disabled={isBusy} onClick={() => setOpen("larger")}>
          {t("full.larger")}
        </Button>
      </Group>
      {plan === undefined ? (
        <Text size="xs" c="dimmed" mt={6}>
          {t("full.oneQuestion")}
        </Text>
      ) : open === "shorten" || open === "summarise" ? (
        <ShortenModal
          how={open}
          {...{ plan, conversation, model, contextLength }}
          onClose={close}
          onShorten={() =>
            change.mutateAsync({ id, change: { shortened: { from: plan.from, summary: "" } } })
          }
        />
      ) : null}
      {open === "larger" ? (
        <LargerContext {...{ conversation, model, contextLength }} onClose={close} />
      ) : null}
    </Alert>
  )
}
