// What fills the memory now, and until when.

import type { RunningModel } from "@fireside/protocol"
import { Button, Card, Group, Stack, Text } from "@mantine/core"
import type { TFunction } from "i18next"
import { useTranslation } from "react-i18next"
import { api } from "../../api.ts"
import { useRunningModels } from "../../queries/models.ts"
import { EmptyState } from "../../ui/empty-state.tsx"
import { ErrorCard } from "../../ui/error-card.tsx"
import { formatBytes, formatDuration } from "../../ui/format.ts"
import { joinFacts } from "../../ui/join-facts.ts"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { Term } from "../../ui/term.tsx"
import classes from "./library-tab.module.css"
import { RUNNING_EVERY_MS } from "./running-every.ts"
import { stayOf } from "./stay.ts"
import { useModelChange } from "./use-models.ts"

export interface MemoryTabProps {
  onLibrary(): void
}

export function MemoryTab({ onLibrary }: MemoryTabProps) {
  const { t, i18n } = useTranslation("models")
  const running = useRunningModels(RUNNING_EVERY_MS)
  const unloadAll = useModelChange((_: undefined) => api.models.unload())
  if (running.isPending) return <SkeletonList rows={2} height={96} />
  if (running.data === undefined)
    return <ErrorCard error={running.error} onRetry={() => void running.refetch()} />
  if (running.data.length === 0)
    return (
      <EmptyState
        title={t("memory.empty")}
        text={t("memory.emptyText")}
        action={
          <Button variant="default" onClick={onLibrary}>
            {t("memory.toLibrary")}
          </Button>
        }
      />
    )
  const takenBytes = sumOf(running.data.map(({ memoryBytes }) => memoryBytes))
  return (
    <Stack>
      <Group justify="space-between" gap="sm">
        <Text>
          {takenBytes === null
            ? null
            : t("memory.sum", { count: running.data.length, size: formatBytes(takenBytes, i18n.language) })}
        </Text>
        <Button variant="default" loading={unloadAll.isPending} onClick={() => unloadAll.mutate(undefined)}>
          {t("memory.unloadAll")}
        </Button>
      </Group>
      {unloadAll.error === null ? null : <ErrorCard error={unloadAll.error} />}
      <ul className={classes.list}>
        {running.data.map((model) => (
          <RunningRow key={`${model.pid} ${model.name}`} model={model} />
        ))}
      </ul>
    </Stack>
  )
}

/** Null when one of them is not known. */
const sumOf = (sizes: readonly (number | null)[]): number | null =>
  sizes.reduce<number | null>((total, bytes) => (total === null || bytes === null ? null : total + bytes), 0)

function RunningRow({ model }: { readonly model: RunningModel }) {
  const { t, i18n } = useTranslation("models")
  const unload = useModelChange((name: string) => api.models.stop(name))
  const facts = [
    model.memoryBytes === null
      ? t("memory.weights", { size: formatBytes(model.sizeBytes, i18n.language) })
      : t("memory.taken", { size: formatBytes(model.memoryBytes, i18n.language) }),
    model.processor,
    model.queued > 0 ? t("memory.queued", { count: model.queued }) : t("memory.noQueue"),
    stayWords(model.expiresAt, t, i18n.language),
  ]
  return (
    <Card withBorder padding="sm" component="li" aria-label={model.name}>
      <Group justify="space-between" gap="sm">
        <Stack gap={2} style={{ flex: "1 1 260px", minWidth: 0 }}>
          <Text fw={600} style={{ overflowWrap: "anywhere" }}>
            {model.name}
          </Text>
          <Text size="sm" c="dimmed">
            {joinFacts(facts)}
          </Text>
          <Text size="sm" c="dimmed">
            <Term id="contextLength">{t("memory.context", { count: model.contextLength })}</Term>
            {model.streams === 0 ? null : ` · ${t("memory.streams", { count: model.streams })}`}
          </Text>
        </Stack>
        <Button
          variant="default"
          size="sm"
          loading={unload.isPending}
          onClick={() => unload.mutate(model.name)}
        >
          {t("unload")}
        </Button>
      </Group>
      {unload.error === null ? null : <ErrorCard error={unload.error} />}
    </Card>
  )
}

function stayWords(expiresAt: string | null, t: TFunction, locale: string): string {
  const stay = stayOf(expiresAt, Date.now())
  switch (stay.type) {
    case "for-ever":
      return t("memory.forEver")
    case "leaving":
      return t("memory.leaving")
    case "for":
      return t("memory.for", { time: formatDuration(stay.leftMs, locale) })
    default:
      return stay satisfies never
  }
}
