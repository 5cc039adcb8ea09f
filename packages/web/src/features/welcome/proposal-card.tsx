// One model that could be downloaded: everything that should be known before, one button, then how it goes.
import { Badge, Card, Group, Stack, Text, Title } from "@mantine/core"
import { useEffect } from "react"
import { useTranslation } from "react-i18next"
import { DownloadButton } from "../../downloads/download-button.tsx"
import { FitLine } from "../../downloads/fit-line.tsx"
import { scaleOf, shortCountOf } from "../../downloads/fit-words.ts"
import { PullCard } from "../../downloads/pull-card.tsx"
import { usePull } from "../../downloads/use-pull.ts"
import { useSourceWords } from "../../downloads/use-source-words.ts"
import { useServerWords } from "../../server-words.ts"
import { formatBytes } from "../../ui/format.ts"
import type { Candidate } from "./proposals.ts"

export interface ProposalCardProps {
  readonly candidate: Candidate
  readonly isRecommended: boolean
  /** Nothing may be downloaded now. */
  readonly isLocked: boolean
  /** It was downloaded while this card was looked at. */
  onReady(name: string): void
}

export function ProposalCard({ candidate, isRecommended, isLocked, onReady }: ProposalCardProps) {
  const { t, i18n } = useTranslation("welcome")
  const { entry, fit } = candidate
  const pull = usePull(entry.name)
  const { end } = pull.progress
  const readyName = end?.type === "done" ? end.name : undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each download, whoever listens
  useEffect(() => {
    if (readyName !== undefined) onReady(readyName)
  }, [readyName])
  const scale = scaleOf(entry.parameters)
  const size = formatBytes(entry.approximateSizeBytes, i18n.language)
  const source = useSourceWords(entry.sources)
  const goodFor = useServerWords().goodFor(entry)
  const isIdle = pull.state.type === "none" || pull.state.type === "done"
  return (
    <Card withBorder padding="lg" component="article" aria-label={entry.title}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Title order={3} size="h4">
            {entry.title}
          </Title>
          {isRecommended ? <Badge tt="none">{t("recommended")}</Badge> : null}
        </Group>
        <Text>{scale === undefined ? goodFor : `${t(`scale.${scale}`)} ${goodFor}`}</Text>
        <FitLine fit={fit} sizeBytes={entry.approximateSizeBytes} />
        <Text size="sm" c="dimmed">
          {t("facts", {
            parameters: shortCountOf(entry.parameters),
            licence: entry.licence.name,
            kind: entry.licence.permissive ? t("licence.free") : t("licence.conditions"),
          })}
        </Text>
        {isIdle ? (
          <Stack gap={4} align="flex-start">
            <DownloadButton
              pull={pull}
              model={entry}
              isDisabled={isLocked || !fit.hasDiskRoom}
              variant={isRecommended ? "filled" : "default"}
            >
              {t("download", { size })}
            </DownloadButton>
            <Text size="xs" c="dimmed">
              {isLocked ? t("lockedButton") : t("happens", { size, source })}
            </Text>
          </Stack>
        ) : null}
        <PullCard pull={pull} title={entry.title} />
      </Stack>
    </Card>
  )
}
