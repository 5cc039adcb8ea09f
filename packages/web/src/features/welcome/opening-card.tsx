// The last wait before the first word: the model comes into memory, or why it does not.
import { Button, Card, Group, Progress, Stack, Text, Title } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { ErrorCard } from "../../ui/error-card.tsx"
import type { OpenedModel } from "./use-opened-model.ts"

export interface OpeningCardProps {
  readonly opened: OpenedModel
  readonly name: string
}

export function OpeningCard({ opened, name }: OpeningCardProps) {
  const { t } = useTranslation("welcome")
  if (opened.error !== null)
    return (
      <Stack>
        <ErrorCard error={opened.error} onRetry={() => opened.open(name)} />
        <Group>
          <Button variant="default" onClick={opened.forget}>
            {t("opening.other")}
          </Button>
        </Group>
      </Stack>
    )
  return (
    <Card withBorder padding="lg">
      <Stack gap="sm">
        <Title order={2} size="h4" role="status">
          {t("opening.title", { name })}
        </Title>
        <Progress value={100} animated size="lg" aria-label={t("opening.title", { name })} />
        <Text c="dimmed">{t("opening.text")}</Text>
      </Stack>
    </Card>
  )
}
