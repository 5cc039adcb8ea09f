// What may leave this computer, what did, what is stored on it, and how to take all of it away.
import { Stack, Text, Title } from "@mantine/core"
import type { UseQueryResult } from "@tanstack/react-query"
import { type ReactNode, useId } from "react"
import { useTranslation } from "react-i18next"
import { ErrorCard } from "../../ui/error-card.tsx"
import { Page } from "../../ui/page.tsx"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { LedgerList } from "./ledger-list.tsx"
import { LockPanel } from "./lock-panel.tsx"
import { OwnData } from "./own-data.tsx"
import { StoragePanel } from "./storage-panel.tsx"
import { useLedger, useLock, usePrivacyStatus, useStorage } from "./use-privacy.ts"

export function PrivacyPage() {
  const { t } = useTranslation("privacy")
  const status = usePrivacyStatus()
  return (
    <Page title={t("title")}>
      <Part title={t("lock.title")} text={t("lock.text")} query={useLock()} rows={3} rowHeight={84}>
        {(lock) => <LockPanel lock={lock} status={status.data} />}
      </Part>
      <Part title={t("ledger.title")} text={t("ledger.text")} query={useLedger()} rows={4} rowHeight={72}>
        {(entries) => <LedgerList entries={entries} />}
      </Part>
      <Part title={t("storage.title")} query={useStorage()} rows={5} rowHeight={72}>
        {(report) => <StoragePanel report={report} />}
      </Part>
      <Stack component="section" gap="sm" aria-labelledby="own-data">
        <Title id="own-data" order={2} size="h4">
          {t("ownData")}
        </Title>
        <OwnData />
      </Stack>
    </Page>
  )
}

interface PartProps<Data> {
  readonly title: string
  readonly text?: string
  readonly query: UseQueryResult<Data>
  readonly rows: number
  readonly rowHeight: number
  readonly children: (data: Data) => ReactNode
}

/** One part fails or waits without the others. */
function Part<Data>({ title, text, query, rows, rowHeight, children }: PartProps<Data>) {
  const id = useId()
  return (
    <Stack component="section" gap="sm" aria-labelledby={id}>
      <div>
        <Title id={id} order={2} size="h4">
          {title}
        </Title>
        {text !== undefined && <Text c="dimmed">{text}</Text>}
      </div>
      {query.isPending && <SkeletonList rows={rows} height={rowHeight} />}
      {query.isError && <ErrorCard error={query.error} onRetry={() => void query.refetch()} />}
      {query.data !== undefined && children(query.data)}
    </Stack>
  )
}
