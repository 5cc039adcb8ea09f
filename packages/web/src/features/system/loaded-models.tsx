// The models in memory: what each writes, how fast, and who waits for it.
import type { LiveActivity } from "@fireside/protocol"
import { Button, Card, Group, Stack, Text } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { EmptyState } from "../../ui/empty-state.tsx"
import { formatBytes, formatRate } from "../../ui/format.ts"
import { joinFacts } from "../../ui/join-facts.ts"
import { Term } from "../../ui/term.tsx"

export function LoadedModels({ models }: Pick<LiveActivity, "models">) {
  const { t, i18n } = useTranslation("system")
  const locale = i18n.language
  if (models.length === 0)
    return (
      <EmptyState
        title={t("loaded.emptyTitle")}
        text={t("loaded.emptyText")}
        action={
          <Button component={Link} to="/models" variant="default">
            {t("loaded.emptyAction")}
          </Button>
        }
      />
    )
  return (
    <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }}>
      {models.map(({ name, streams, queued, memoryBytes, tokensPerSecond }) => (
        <Card key={name} component="li" withBorder>
          <Group justify="space-between" gap="xs">
            <Text fw={500} style={{ overflowWrap: "anywhere" }}>
              {name}
            </Text>
            <Text size="sm" style={{ fontVariantNumeric: "tabular-nums" }}>
              {tokensPerSecond === null ? (
                t("loaded.quiet")
              ) : (
                <>
                  {formatRate(tokensPerSecond, locale)} <Term id="token">{t("tokensPerSecond")}</Term>
                </>
              )}
            </Text>
          </Group>
          <Text size="sm" c="dimmed">
            {joinFacts([
              t("loaded.streams", { count: streams }),
              t("loaded.queued", { count: queued }),
              t("loaded.memory", { size: formatBytes(memoryBytes, locale) }),
            ])}
          </Text>
        </Card>
      ))}
    </Stack>
  )
}
