// The same prompt to up to four models, side by side; the best answer becomes a chat to go on with.
import type { ModelSummary } from "@fireside/protocol"
import { Button, Group, MultiSelect, Paper, SimpleGrid, Stack, Text, Textarea } from "@mantine/core"
import { useNavigate } from "@tanstack/react-router"
import { useEffect, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "../../api.ts"
import { AnswerText } from "../../markdown/answer-text.tsx"
import { useModels } from "../../queries/models.ts"
import { EmptyState } from "../../ui/empty-state.tsx"
import { ErrorCard } from "../../ui/error-card.tsx"
import { formatDuration, formatRate } from "../../ui/format.ts"
import { Page } from "../../ui/page.tsx"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { askAll, type Column, columnsFor } from "./columns.ts"
import classes from "./compare-page.module.css"

const MOST_MODELS = 4

export function ComparePage() {
  const { t } = useTranslation("compare")
  const models = useModels()
  const able = (models.data ?? []).filter(({ problem }) => problem === undefined)
  return (
    <Page title={t("title")}>
      <Text c="dimmed">{t("text")}</Text>
      {models.error !== null ? (
        <ErrorCard error={models.error} onRetry={() => void models.refetch()} />
      ) : models.isPending ? (
        <SkeletonList rows={2} />
      ) : able.length === 0 ? (
        <EmptyState title={t("noModels.title")} text={t("noModels.text")} />
      ) : (
        <Comparison models={able} />
      )}
    </Page>
  )
}

function Comparison({ models }: { readonly models: readonly ModelSummary[] }) {
  const { t } = useTranslation("compare")
  const navigate = useNavigate()
  const [chosen, setChosen] = useState<string[]>(models.slice(0, 2).map(({ name }) => name))
  const [prompt, setPrompt] = useState("")
  const [columns, setColumns] = useState<readonly Column[]>([])
  const [asked, setAsked] = useState("")
  const [isRunning, setRunning] = useState(false)
  const stop = useRef(new AbortController())
  useEffect(() => () => stop.current.abort(), [])

  const ask = async () => {
    stop.current = new AbortController()
    setRunning(true)
    setAsked(prompt)
    setColumns(columnsFor(chosen))
    await askAll({ models: chosen, prompt, onChange: setColumns }, stop.current.signal)
    setRunning(false)
  }
  const goOnWith = async ({ model, text }: Column) => {
    const { id } = await api.conversations.create({ model })
    const question = await api.conversations.append(id, { message: { role: "user", content: asked } })
    await api.conversations.append(id, {
      message: { role: "assistant", content: text },
      parentId: question.id,
    })
    await navigate({ to: "/c/$id", params: { id } })
  }
  return (
    <Stack gap="md">
      <MultiSelect
        label={t("models")}
        data={models.map(({ name }) => name)}
        value={chosen}
        onChange={setChosen}
        maxValues={MOST_MODELS}
        searchable
      />
      <Textarea
        label={t("prompt")}
        autosize
        minRows={2}
        maxRows={10}
        value={prompt}
        onChange={(event) => setPrompt(event.currentTarget.value)}
      />
      <Group>
        {isRunning ? (
          <Button variant="default" onClick={() => stop.current.abort()}>
            {t("stop")}
          </Button>
        ) : (
          <Button onClick={() => void ask()} disabled={prompt.trim() === "" || chosen.length === 0}>
            {t("ask", { count: chosen.length })}
          </Button>
        )}
      </Group>
      <SimpleGrid cols={{ base: 1, sm: Math.min(2, columns.length || 1) }}>
        {columns.map((column) => (
          <ColumnView key={column.model} column={column} onChoose={() => void goOnWith(column)} />
        ))}
      </SimpleGrid>
    </Stack>
  )
}

function ColumnView({ column, onChoose }: { readonly column: Column; readonly onChoose: () => void }) {
  const { t, i18n } = useTranslation("compare")
  const { model, text, state, problem, timings } = column
  return (
    <Paper component="section" withBorder p="md" aria-label={model}>
      <Stack gap="xs">
        <Text fw={600}>{model}</Text>
        <div className={classes.answer}>
          <AnswerText text={text} isLive={state === "writing"} />
        </div>
        {problem === undefined ? (
          <Text size="sm" c="dimmed" role="status">
            {t(`state.${state}`)}
          </Text>
        ) : (
          <ErrorCard error={problem} />
        )}
        {timings === undefined ? null : (
          <Text size="xs" c="dimmed">
            {t("speed", {
              first: formatDuration(timings.ttftMs, i18n.language),
              rate: formatRate(timings.decodeTokensPerSecond, i18n.language),
            })}
          </Text>
        )}
        {state === "done" ? (
          <Button size="xs" variant="light" onClick={onChoose}>
            {t("goOn")}
          </Button>
        ) : null}
      </Stack>
    </Paper>
  )
}
