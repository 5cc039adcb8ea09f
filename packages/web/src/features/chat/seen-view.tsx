// What the model reads, to the letter: each piece in the colour of who wrote it, token by token if wished, and as a request for other programs.
import { type Conversation, type Message, sentMessages, TokenKind } from "@fireside/protocol"
import { Button, CopyButton, Group, Stack, Switch, Text } from "@mantine/core"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "../../api.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { type AskedChat, asCurl, openAiRequest } from "./as-request.ts"
import type { ShownMessage } from "./message-tree.ts"
import classes from "./seen-view.module.css"
import { countKinds, tokenRuns } from "./token-runs.ts"

export interface SeenViewProps {
  readonly conversation: Conversation | undefined
  readonly model: string
  readonly path: readonly ShownMessage[]
  readonly draft: string
}

const LOOPBACK = /^(?:localhost|127\.|\[::1\])/

export function SeenView({ conversation, model, path, draft }: SeenViewProps) {
  const { t, i18n } = useTranslation("chat")
  const queries = useQueryClient()
  const [isApart, setApart] = useState(false)
  const branch = path.map(({ stored }) => stored)
  const messages: readonly Message[] = [
    ...sentMessages(conversation ?? { system: "", shortened: null }, branch),
    ...(draft.trim() === "" ? [] : [{ role: "user" as const, content: draft }]),
  ]
  const contextLength = conversation?.contextLength ?? undefined
  const key = ["rendered", model, contextLength, JSON.stringify(messages)]
  const { data, error, isPending } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      api.render(
        { model, messages: [...messages], ...(contextLength === undefined ? {} : { contextLength }) },
        signal,
      ),
    enabled: model !== "" && messages.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })
  if (messages.length === 0) return <Text size="sm">{t("seen.nothing")}</Text>
  if (error !== null)
    return <ErrorCard error={error} onRetry={() => void queries.invalidateQueries({ queryKey: key })} />
  if (isPending) return <SkeletonList rows={4} height={20} />
  const counts = countKinds(data.kinds)
  const number = new Intl.NumberFormat(i18n.language)
  return (
    <Stack gap="sm">
      <Text size="sm">{t("seen.size", { count: data.tokens.length, of: data.contextLength })}</Text>
      <Group gap="xs" component="ul" className={classes.legend} aria-label={t("seen.legend")}>
        {TokenKind.options
          .filter((kind) => counts.has(kind))
          .map((kind) => (
            <li key={kind}>
              <Text size="xs" className={classes.piece} data-kind={kind} px={6}>
                {t(`seen.kinds.${kind}`)} {number.format(counts.get(kind) ?? 0)}
              </Text>
            </li>
          ))}
      </Group>
      <Switch
        size="xs"
        label={t("seen.boundaries")}
        checked={isApart}
        onChange={(event) => setApart(event.currentTarget.checked)}
      />
      <pre className={classes.seen} data-apart={isApart}>
        {tokenRuns(data, isApart).map(({ kind, text, start }) => (
          <span key={start} className={classes.piece} data-kind={kind} title={t(`seen.kinds.${kind}`)}>
            {text}
          </span>
        ))}
      </pre>
      <CopyAs asked={{ model, messages, sampling: conversation?.sampling ?? {} }} text={data.text} />
    </Stack>
  )
}

function CopyAs({ asked, text }: { readonly asked: AskedChat; readonly text: string }) {
  const { t } = useTranslation("chat")
  const address = { origin: location.origin, needsKey: !LOOPBACK.test(location.hostname) }
  const forms = [
    { name: "text", value: text },
    { name: "json", value: JSON.stringify(openAiRequest(asked), null, 2) },
    { name: "curl", value: asCurl(asked, address) },
  ] as const
  return (
    <Group gap="xs">
      {forms.map(({ name, value }) => (
        <CopyButton key={name} value={value}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {t(copied ? "copied" : `seen.copy.${name}`)}
            </Button>
          )}
        </CopyButton>
      ))}
    </Group>
  )
}
