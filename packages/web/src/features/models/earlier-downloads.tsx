// Downloads of models that no list here shows, because somebody searched the hub for them or named them in a terminal.
import { Stack, Title } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { PullCard } from "../../downloads/pull-card.tsx"
import { unfinishedPulls } from "../../downloads/pull-state.ts"
import { usePull } from "../../downloads/use-pull.ts"
import { useJobs } from "../../queries/jobs.ts"
import { useCatalogue } from "./use-models.ts"

/** Chosen once: what begins afterwards is shown where it was begun. */
export function EarlierDownloads() {
  const { t } = useTranslation("models")
  const jobs = useJobs().data
  const known = useCatalogue("").data
  const [references, setReferences] = useState<readonly string[]>()
  if (references === undefined && jobs !== undefined && known !== undefined) {
    const names = new Set(known.map(({ name }) => name))
    setReferences(unfinishedPulls(jobs, Date.now()).filter((reference) => !names.has(reference)))
  }
  if (references === undefined || references.length === 0) return null
  return (
    <Stack component="section" gap="xs" aria-labelledby="earlier-downloads">
      <Title order={2} size="h5" id="earlier-downloads">
        {t("discover.earlier")}
      </Title>
      {references.map((reference) => (
        <EarlierDownload key={reference} reference={reference} />
      ))}
    </Stack>
  )
}

function EarlierDownload({ reference }: { readonly reference: string }) {
  return <PullCard pull={usePull(reference)} title={reference} />
}
