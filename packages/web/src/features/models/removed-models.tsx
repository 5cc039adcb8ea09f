// Models that were removed and can be had back for a day.
import type { RemovedModel } from "@fireside/protocol"
import { Button, Card, Group, Stack, Text, Title } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { api } from "../../api.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { formatBytes, formatTime } from "../../ui/format.ts"
import { useModelChange, useRemovedModels } from "./use-models.ts"

export function RemovedModels() {
  const { t } = useTranslation("models")
  const removed = useRemovedModels().data ?? []
  if (removed.length === 0) return null
  return (
    <Stack component="section" gap="xs" aria-labelledby="removed-models">
      <Title order={2} size="h5" id="removed-models">
        {t("removed.list")}
      </Title>
      {removed.map((model) => (
        <RemovedRow key={model.name} model={model} />
      ))}
    </Stack>
  )
}

function RemovedRow({ model }: { readonly model: RemovedModel }) {
  const { t, i18n } = useTranslation("models")
  const restore = useModelChange((name: string) => api.models.restore(name))
  const forget = useModelChange((name: string) => api.models.remove(name, { forGood: true }))
  const error = restore.error ?? forget.error
  const isBusy = restore.isPending || forget.isPending
  return (
    <Card withBorder padding="sm">
      <Group justify="space-between" gap="sm">
        <Stack gap={2}>
          <Text style={{ overflowWrap: "anywhere" }}>{model.name}</Text>
          <Text size="sm" c="dimmed">
            {t("removed.until", {
              size: formatBytes(model.sizeBytes, i18n.language),
              time: formatTime(model.restorableUntil, i18n.language),
            })}
          </Text>
        </Stack>
        <Group gap="xs">
          <Button variant="default" size="sm" disabled={isBusy} onClick={() => restore.mutate(model.name)}>
            {t("removed.restore")}
          </Button>
          <Button variant="subtle" size="sm" disabled={isBusy} onClick={() => forget.mutate(model.name)}>
            {t("removed.forGood")}
          </Button>
        </Group>
      </Group>
      {error === null ? null : <ErrorCard error={error} />}
    </Card>
  )
}
