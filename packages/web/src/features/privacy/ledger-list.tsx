// Every connection in plain words, by day. The newest days first; older ones are opened by their reader.
import type { LedgerEntry } from "@fireside/protocol"
import { Button, Card, Code, Group, Stack, Text, Title } from "@mantine/core"
import type { TFunction } from "i18next"
import { useMemo, useState } from "react"
import { useTranslation } from "react-i18next"
import { EmptyState } from "../../ui/empty-state.tsx"
import { formatBytes } from "../../ui/format.ts"
import { joinFacts } from "../../ui/join-facts.ts"
import { StatusBadge } from "../../ui/status-badge.tsx"
import { type LedgerLine, ledgerDays } from "./ledger-days.ts"
import classes from "./ledger-list.module.css"
import { dayName, ledgerSentences, summariseLedger } from "./ledger-summary.ts"

const DAYS_SHOWN = 7
const LINES_SHOWN = 20

export function LedgerList({ entries }: { readonly entries: readonly LedgerEntry[] }) {
  const { t, i18n } = useTranslation("privacy")
  const [daysShown, setDaysShown] = useState(DAYS_SHOWN)
  const now = Date.now()
  const options = { t, locale: i18n.language, now }
  const days = useMemo(() => ledgerDays(entries), [entries])
  if (entries.length === 0) return <EmptyState title={t("ledger.emptyTitle")} text={t("ledger.emptyText")} />
  return (
    <Stack gap="md">
      <Text>{ledgerSentences(summariseLedger(entries, now), options).join(" ")}</Text>
      {days.slice(0, daysShown).map(({ startsAt, lines }) => (
        <section key={startsAt.getTime()} aria-label={dayName(startsAt, options)}>
          <Title order={3} size="h5" mb="xs" className={classes.day}>
            {dayName(startsAt, options)}
          </Title>
          <DayLines lines={lines} />
        </section>
      ))}
      {days.length > daysShown && (
        <Button variant="default" onClick={() => setDaysShown(daysShown + DAYS_SHOWN)}>
          {t("ledger.earlier", { count: days.length - daysShown })}
        </Button>
      )}
    </Stack>
  )
}

function DayLines({ lines }: { readonly lines: readonly LedgerLine[] }) {
  const { t } = useTranslation("privacy")
  const [shown, setShown] = useState(LINES_SHOWN)
  return (
    <Card withBorder p={0}>
      <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: "none" }}>
        {lines.slice(0, shown).map((line) => (
          <Line key={line.seq} line={line} />
        ))}
      </Stack>
      {lines.length > shown && (
        <Button variant="subtle" onClick={() => setShown(lines.length)}>
          {t("ledger.more", { count: lines.length - shown })}
        </Button>
      )}
    </Card>
  )
}

function Line({ line }: { readonly line: LedgerLine }) {
  const { t, i18n } = useTranslation("privacy")
  const locale = i18n.language
  const { purpose, host, verdict, connections, bytesIn, bytesOut, carried } = line
  const facts = [
    ...(verdict === "sent"
      ? [
          t("ledger.connections", { count: connections }),
          t("ledger.received", { size: formatBytes(bytesIn, locale) }),
          t("ledger.sent", { size: formatBytes(bytesOut, locale) }),
        ]
      : []),
    times(line, locale),
  ]
  return (
    <Stack component="li" gap={2} px="md" py="sm">
      <Group justify="space-between" gap="xs" align="flex-start">
        <Text fw={500} style={{ overflowWrap: "anywhere", flex: "1 1 12rem" }}>
          {t(`purpose.${purpose.type}`, { subject: purpose.subject })}
        </Text>
        {verdict === "blocked" && <StatusBadge tone="fair">{t("ledger.blocked")}</StatusBadge>}
      </Group>
      <Group gap="xs">
        <Code style={{ overflowWrap: "anywhere" }}>{host === "" ? t("ledger.noHost") : host}</Code>
        <Text size="sm" c="dimmed">
          {joinFacts(facts)}
        </Text>
      </Group>
      <Text size="sm" c="dimmed">
        {[askedBy(line.feature, t), ...(verdict === "sent" ? [t(`carried.${carried}`)] : [])].join(" ")}
      </Text>
    </Stack>
  )
}

const ASKERS: readonly string[] = ["pull", "search", "import", "create"]

function askedBy(feature: string, t: TFunction<"privacy">): string {
  return ASKERS.includes(feature) ? t(`askedBy.${feature}`) : t("askedBy.other", { feature })
}

function times({ firstAt, lastAt }: LedgerLine, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: "short" }).formatRange(
    new Date(firstAt),
    new Date(lastAt),
  )
}
