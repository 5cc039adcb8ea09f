// What may leave this computer, what did, what is stored on it, and how to take all of it away.
import type { UseQueryResult } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { useLock } from "../../queries/lock.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { Page } from "../../ui/page.tsx"
import { Section } from "../../ui/section.tsx"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { LedgerList } from "./ledger-list.tsx"
import { LockPanel } from "./lock-panel.tsx"
import { OwnData } from "./own-data.tsx"
import { StoragePanel } from "./storage-panel.tsx"
import { useLedger, usePrivacyStatus, useStorage } from "./use-privacy.ts"

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
      <Section title={t("ownData")}>
        <OwnData />
      </Section>
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
  return (
    <Section title={title} text={text}>
      {query.isPending && <SkeletonList rows={rows} height={rowHeight} />}
      {query.isError && <ErrorCard error={query.error} onRetry={() => void query.refetch()} />}
      {query.data !== undefined && children(query.data)}
    </Section>
  )
}
