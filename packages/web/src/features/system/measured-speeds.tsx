// What was measured on this machine: the newest figures of each model.
import type { BenchFigureName, BenchReport } from "@fireside/protocol"
import { Card, Group, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { EmptyState } from "../../ui/empty-state.tsx"
import { formatDuration, formatRate, formatTime } from "../../ui/format.ts"
import { joinFacts } from "../../ui/join-facts.ts"
import { StatusBadge } from "../../ui/status-badge.tsx"
import { changeOf, latestReports } from "./latest-reports.ts"
import { speedWord } from "./speed-words.ts"

export function MeasuredSpeeds({ reports }: { readonly reports: readonly BenchReport[] }) {
  const { t } = useTranslation("system")
  if (reports.length === 0) return <EmptyState title={t("speeds.emptyTitle")} text={t("speeds.emptyText")} />
  return (
    <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }}>
      {latestReports(reports).map((report) => (
        <Card key={report.id} component="li" withBorder>
          <ReportFigures report={report} />
        </Card>
      ))}
    </Stack>
  )
}

export function ReportFigures({ report }: { readonly report: BenchReport }) {
  const { t, i18n } = useTranslation("system")
  const locale = i18n.language
  const { model, quantization, at, isQuick, isQuotable, figures } = report
  const { decodeTokensPerSecond, prefillTokensPerSecond, shortTtftMs, coldStartMs } = figures
  const facts: [BenchFigureName, string][] = []
  if (decodeTokensPerSecond !== null) {
    const speed = decodeTokensPerSecond.median
    const words = t(`speeds.${speedWord(speed)}`)
    facts.push(["decodeTokensPerSecond", t("speeds.writes", { speed: formatRate(speed, locale), words })])
  }
  if (prefillTokensPerSecond !== null)
    facts.push([
      "prefillTokensPerSecond",
      t("speeds.reads", { speed: formatRate(prefillTokensPerSecond.median, locale) }),
    ])
  if (shortTtftMs !== null)
    facts.push(["shortTtftMs", t("speeds.firstWord", { time: formatDuration(shortTtftMs.median, locale) })])
  if (coldStartMs !== null)
    facts.push(["coldStartMs", t("speeds.start", { time: formatDuration(coldStartMs.median, locale) })])
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="xs">
        <Text fw={500} style={{ overflowWrap: "anywhere" }}>
          {model}
        </Text>
        <Text size="sm" c="dimmed">
          {joinFacts([quantization, formatTime(at, locale), ...(isQuick ? [t("speeds.quick")] : [])])}
        </Text>
      </Group>
      {facts.map(([name, words]) => (
        <Group key={name} gap="xs">
          <Text size="sm">{words}</Text>
          <Change report={report} name={name} />
        </Group>
      ))}
      {!isQuotable && (
        <Text size="sm" c="dimmed">
          {t("speeds.disturbed")}
        </Text>
      )}
    </Stack>
  )
}

function Change({ report, name }: { readonly report: BenchReport; readonly name: BenchFigureName }) {
  const { t } = useTranslation("system")
  const change = changeOf(report, name)
  if (change === undefined) return null
  return <StatusBadge tone={change === "better" ? "good" : "fair"}>{t(`speeds.${change}`)}</StatusBadge>
}
