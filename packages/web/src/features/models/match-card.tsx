// A model that could be had: what it is, whether it fits, and its download.
import type { CatalogueMatch } from "@fireside/protocol"
import { Card, Group, Stack, Text, Title } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { DownloadButton } from "../../downloads/download-button.tsx"
import { FitLine } from "../../downloads/fit-line.tsx"
import { fitVerdictOf, shortCountOf } from "../../downloads/fit-words.ts"
import { PullCard } from "../../downloads/pull-card.tsx"
import { usePull } from "../../downloads/use-pull.ts"
import { useSourceWords } from "../../downloads/use-source-words.ts"
import { useServerWords } from "../../server-words.ts"
import { formatBytes } from "../../ui/format.ts"
import { joinFacts } from "../../ui/join-facts.ts"
import { StatusBadge } from "../../ui/status-badge.tsx"

export interface MatchCardProps {
  readonly match: CatalogueMatch
  readonly isLocked: boolean
}

export function MatchCard({ match, isLocked }: MatchCardProps) {
  const { t, i18n } = useTranslation("models")
  const pull = usePull(match.name)
  const source = useSourceWords(match.sources)
  const goodFor = useServerWords().goodFor(match)
  const isHere = match.installed || pull.progress.end?.type === "done"
  const isIdle = pull.state.type === "none" || pull.state.type === "done"
  const size = formatBytes(match.approximateSizeBytes, i18n.language)
  const isSized = match.approximateSizeBytes > 0
  return (
    <Card withBorder padding="md" component="li" aria-label={match.title}>
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Title order={3} size="h5" style={{ overflowWrap: "anywhere" }}>
            {match.title}
          </Title>
          {isHere ? <StatusBadge tone="good">{t("discover.here")}</StatusBadge> : null}
        </Group>
        {goodFor === "" ? null : <Text size="sm">{goodFor}</Text>}
        <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {joinFacts([
            match.name,
            ...(match.parameters > 0
              ? [t("facts.parameters", { parameters: shortCountOf(match.parameters) })]
              : []),
            ...(isSized ? [t("discover.about", { size })] : []),
            t("facts.licence", {
              licence: match.licence.name === "unknown" ? t("facts.unknown") : match.licence.name,
            }),
          ])}
        </Text>
        <FitLine fit={match.fit} sizeBytes={match.approximateSizeBytes} />
        {isHere || !isIdle ? null : (
          <Stack gap={4} align="flex-start">
            <DownloadButton
              pull={pull}
              model={match}
              isDisabled={isLocked || fitVerdictOf(match.fit) === "no-disk-room"}
              variant="default"
            >
              {isSized ? t("discover.download", { size }) : t("discover.downloadUnsized")}
            </DownloadButton>
            <Text size="xs" c="dimmed">
              {isLocked ? t("discover.locked") : t("discover.happens", { source })}
            </Text>
          </Stack>
        )}
        {isHere ? null : <PullCard pull={pull} title={match.title} />}
      </Stack>
    </Card>
  )
}
