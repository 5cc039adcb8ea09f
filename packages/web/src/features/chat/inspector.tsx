// Beside the thread: how the model is told to write, and what it really sees.
import type { Conversation, SamplingOptions } from "@fireside/protocol"
import { ActionIcon, Button, Drawer, Group, NumberInput, Stack, Tabs, Text, Textarea } from "@mantine/core"
import { useMediaQuery } from "@mantine/hooks"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useChangeConversation } from "../../conversations/use-conversations.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { Icon } from "../../ui/icon.tsx"
import { Term } from "../../ui/term.tsx"
import classes from "./inspector.module.css"
import type { ShownMessage } from "./message-tree.ts"
import { PromptLibrary } from "./prompt-library.tsx"
import { SeenView } from "./seen-view.tsx"

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
        <SeenView conversation={conversation} model={model} path={path} draft={draft} />
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
  const [isPicking, setPicking] = useState(false)
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
      <Button variant="default" size="xs" onClick={() => setPicking(true)}>
        {t("prompts.open")}
      </Button>
      {isPicking ? (
        <PromptLibrary
          text={system}
          onPick={(text) => {
            setSystem(text)
            change.mutate({ id, change: { system: text } })
          }}
          onClose={() => setPicking(false)}
        />
      ) : null}
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
