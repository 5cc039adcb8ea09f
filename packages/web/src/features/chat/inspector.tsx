// Beside the thread: how the model is told to write, and what it really sees.
import type { Conversation, Message, SamplingOptions } from "@fireside/protocol"
import { ActionIcon, Button, Drawer, Group, NumberInput, Stack, Tabs, Text, Textarea } from "@mantine/core"
import { useMediaQuery } from "@mantine/hooks"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "../../api.ts"
import { useChangeConversation } from "../../conversations/use-conversations.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { Icon } from "../../ui/icon.tsx"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { Term } from "../../ui/term.tsx"
import classes from "./inspector.module.css"
import type { ShownMessage } from "./message-tree.ts"

export interface InspectorProps {
  readonly conversation: Conversation | undefined
  readonly model: string
  readonly path: readonly ShownMessage[]
  readonly draft: string
  readonly onClose: () => void
}

export function Inspector(props: InspectorProps) {
  const { t } = useTranslation("chat")
  const isNarrow = useMediaQuery("(max-width: 62em)")
  if (isNarrow === true)
    return (
      <Drawer opened onClose={props.onClose} position="right" title={t("inspector.title")}>
        <Content {...props} />
      </Drawer>
    )
  return (
    <aside className={classes.aside} aria-label={t("inspector.title")}>
      <Group justify="space-between" mb="xs">
        <Text fw={600}>{t("inspector.title")}</Text>
        <ActionIcon variant="subtle" color="gray" aria-label={t("inspector.close")} onClick={props.onClose}>
          <Icon name="close" />
        </ActionIcon>
      </Group>
      <Content {...props} />
    </aside>
  )
}

function Content({ conversation, model, path, draft }: InspectorProps) {
  const { t } = useTranslation("chat")
  return (
    <Tabs defaultValue="parameters" keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="parameters">{t("inspector.parameters")}</Tabs.Tab>
        <Tabs.Tab value="seen">{t("inspector.seen")}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="parameters" pt="md">
        {conversation === undefined ? (
          <Text size="sm" c="dimmed">
            {t("inspector.afterFirst")}
          </Text>
        ) : (
          <Parameters key={conversation.id} conversation={conversation} />
        )}
      </Tabs.Panel>
      <Tabs.Panel value="seen" pt="md">
        <Seen conversation={conversation} model={model} path={path} draft={draft} />
      </Tabs.Panel>
    </Tabs>
  )
}

/** Those that most people want, with the range in which they make sense. */
const PARAMETERS = [
  { name: "temperature", min: 0, max: 2, step: 0.1 },
  { name: "topP", min: 0, max: 1, step: 0.05 },
  { name: "topK", min: 0, max: 200, step: 5 },
  { name: "minP", min: 0, max: 1, step: 0.01 },
  { name: "repeatPenalty", min: 0.8, max: 2, step: 0.05 },
  { name: "seed", min: 0, max: 0xffff_ffff, step: 1 },
] as const satisfies readonly { name: keyof SamplingOptions; min: number; max: number; step: number }[]

function Parameters({ conversation }: { readonly conversation: Conversation }) {
  const { t } = useTranslation("chat")
  const change = useChangeConversation()
  const [system, setSystem] = useState(conversation.system)
  const { id, sampling } = conversation
  const set = (name: keyof SamplingOptions, value: number | undefined) => {
    const { [name]: _before, ...others } = sampling
    change.mutate({ id, change: { sampling: value === undefined ? others : { ...others, [name]: value } } })
  }
  return (
    <Stack gap="sm">
      <Textarea
        label={t("parameters.system")}
        description={t("parameters.systemWhy")}
        autosize
        minRows={3}
        maxRows={12}
        value={system}
        onChange={(event) => setSystem(event.currentTarget.value)}
        onBlur={() => {
          if (system !== conversation.system) change.mutate({ id, change: { system } })
        }}
      />
      {PARAMETERS.map(({ name, min, max, step }) => (
        <NumberInput
          key={name}
          label={<Term id={name}>{t(`parameters.${name}`)}</Term>}
          description={t(`parameters.${name}Why`)}
          placeholder={t("parameters.own")}
          min={min}
          max={max}
          step={step}
          clampBehavior="strict"
          value={typeof sampling[name] === "number" ? sampling[name] : ""}
          onChange={(value) => set(name, typeof value === "number" ? value : undefined)}
        />
      ))}
      <Button variant="default" size="xs" onClick={() => change.mutate({ id, change: { sampling: {} } })}>
        {t("parameters.reset")}
      </Button>
      {change.error === null ? null : <ErrorCard error={change.error} />}
    </Stack>
  )
}

function Seen({ conversation, model, path, draft }: Omit<InspectorProps, "onClose">) {
  const { t } = useTranslation("chat")
  const queries = useQueryClient()
  const messages: readonly Message[] = [
    ...(conversation === undefined || conversation.system === ""
      ? []
      : [{ role: "system" as const, content: conversation.system }]),
    ...path.map(({ stored }) => stored.message),
    ...(draft.trim() === "" ? [] : [{ role: "user" as const, content: draft }]),
  ]
  const key = ["rendered", model, JSON.stringify(messages)]
  const { data, error, isPending } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.render({ model, messages: [...messages] }, signal),
    enabled: model !== "" && messages.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })
  if (messages.length === 0) return <Text size="sm">{t("seen.nothing")}</Text>
  if (error !== null)
    return <ErrorCard error={error} onRetry={() => void queries.invalidateQueries({ queryKey: key })} />
  if (isPending) return <SkeletonList rows={4} height={20} />
  return (
    <Stack gap="sm">
      <Text size="sm">{t("seen.size", { count: data.tokens.length, of: data.contextLength })}</Text>
      <pre className={classes.seen}>{data.text}</pre>
    </Stack>
  )
}
