// A model that is on this disk already: nothing has to be downloaded.
import type { ModelSummary } from "@fireside/protocol"
import { Button, Card, Group, Stack, Text, Title } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { formatBytes } from "../../ui/format.ts"

export interface PresentCardProps {
  readonly model: ModelSummary
  readonly isFirst: boolean
  onOpen(name: string): void
}

export function PresentCard({ model, isFirst, onOpen }: PresentCardProps) {
  const { t, i18n } = useTranslation("welcome")
  return (
    <Card withBorder padding="lg" component="article" aria-label={model.name}>
      <Group justify="space-between" gap="sm">
        <Stack gap={2}>
          <Title order={3} size="h4">
            {model.name}
          </Title>
          <Text size="sm" c="dimmed">
            {t(model.inPlace ? "present.theirs" : "present.own", {
              parameters: model.parameters,
              size: formatBytes(model.sizeBytes, i18n.language),
              licence: model.licence,
            })}
          </Text>
        </Stack>
        <Button variant={isFirst ? "filled" : "default"} onClick={() => onOpen(model.name)}>
          {t("present.chat")}
        </Button>
      </Group>
    </Card>
  )
}
