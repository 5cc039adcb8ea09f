// One model of the library: what it is, whether it is in memory, and what can be done with it.
import type { ModelSummary, RunningModel } from "@fireside/protocol"
import { ActionIcon, Button, Card, Group, Menu, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { api } from "../../api.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { Icon } from "../../ui/icon.tsx"
import { StatusBadge } from "../../ui/status-badge.tsx"
import { ModelFacts } from "./model-facts.tsx"
import { RemovalRefused } from "./removal-refused.tsx"
import { useModelChange } from "./use-models.ts"
import { useRemoval } from "./use-removal.tsx"

export interface ModelRowProps {
  readonly model: ModelSummary
  readonly running: RunningModel | undefined
  onDetails(name: string): void
  onPersona(name: string): void
}

export function ModelRow({ model, running, onDetails, onPersona }: ModelRowProps) {
  const { t } = useTranslation("models")
  const { name, problem } = model
  const load = useModelChange((wanted: string) => api.load({ model: wanted }))
  const unload = useModelChange((wanted: string) => api.models.stop(wanted))
  const removal = useRemoval()
  const isUsable = problem === undefined
  return (
    <Card withBorder padding="sm" component="li" aria-label={name}>
      <Group justify="space-between" gap="sm">
        <Stack gap={2} style={{ flex: "1 1 260px", minWidth: 0 }}>
          <Group gap="xs">
            <Text fw={600} style={{ overflowWrap: "anywhere" }}>
              {name}
            </Text>
            {running === undefined ? null : <StatusBadge tone="good">{t("inMemory")}</StatusBadge>}
          </Group>
          <ModelFacts model={model} />
        </Stack>
        <Group gap="xs">
          <Button variant="subtle" size="sm" disabled={!isUsable} onClick={() => onDetails(name)}>
            {t("details.open")}
          </Button>
          {running === undefined ? (
            <Button
              variant="default"
              size="sm"
              w={110}
              disabled={!isUsable}
              loading={load.isPending}
              onClick={() => load.mutate(name)}
            >
              {t("load")}
            </Button>
          ) : (
            <Button
              variant="default"
              size="sm"
              w={110}
              loading={unload.isPending}
              onClick={() => unload.mutate(running.name)}
            >
              {t("unload")}
            </Button>
          )}
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("more", { name })}>
                <Icon name="more" />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item disabled={!isUsable} onClick={() => onPersona(name)}>
                {t("persona.open")}
              </Menu.Item>
              <Menu.Item
                disabled={model.inPlace || removal.isPending}
                onClick={() => removal.mutate({ name, unloadFirst: false })}
              >
                {model.inPlace ? t("removeTheirs") : t("remove")}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      </Group>
      {problem === undefined ? null : (
        <Text size="sm" mt="xs" role="note">
          {t("problem", { problem })}
        </Text>
      )}
      {load.error === null ? null : <ErrorCard error={load.error} onRetry={() => load.mutate(name)} />}
      {unload.error === null ? null : <ErrorCard error={unload.error} />}
      {removal.error === null ? null : (
        <RemovalRefused
          error={removal.error}
          isBusy={removal.isPending}
          onUnload={() => removal.mutate({ name, unloadFirst: true })}
          onClose={removal.reset}
        />
      )}
    </Card>
  )
}
