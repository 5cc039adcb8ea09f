// All long work: what runs on top, then what ended, newest first.
import type { Job } from "@fireside/protocol"
import { Button, Stack, Title } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import { useTranslation } from "react-i18next"
import { useJobs } from "../../queries/jobs.ts"
import { EmptyState } from "../../ui/empty-state.tsx"
import { ErrorCard } from "../../ui/error-card.tsx"
import { Page } from "../../ui/page.tsx"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { EndedJob } from "./ended-job.tsx"
import { isSuperseded, orderJobs } from "./job-order.ts"
import { RunningJob } from "./running-job.tsx"
import { useJobActions } from "./use-job-actions.ts"

/** A browser opens six connections to one server, for all its tabs together. The others are read from the list. */
const FOLLOWED_JOBS = 2
const ENDED_SHOWN = 30

export function JobsPage(): ReactNode {
  const { t } = useTranslation("jobs")
  const jobs = useJobs()
  return (
    <Page title={t("title.page")}>
      {jobs.isPending && <SkeletonList rows={4} />}
      {jobs.isError && <ErrorCard error={jobs.error} onRetry={() => void jobs.refetch()} />}
      {jobs.data !== undefined && <JobLists jobs={jobs.data} />}
    </Page>
  )
}

function JobLists({ jobs }: { readonly jobs: readonly Job[] }): ReactNode {
  const { t } = useTranslation("jobs")
  const { cancel, resume } = useJobActions()
  const [shown, setShown] = useState(ENDED_SHOWN)
  const { running, ended } = orderJobs(jobs)
  const failure = cancel.error ?? resume.error
  if (jobs.length === 0)
    return (
      <EmptyState
        title={t("empty.title")}
        text={t("empty.text")}
        action={
          <Button component={Link} to="/models">
            {t("empty.action")}
          </Button>
        }
      />
    )
  return (
    <Stack gap="lg">
      {failure !== null && <ErrorCard error={failure} />}
      <section aria-labelledby="jobs-running">
        <Title id="jobs-running" order={2} size="h4" mb="sm">
          {running.length === 0 ? t("nothingRuns") : t("running", { count: running.length })}
        </Title>
        <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }}>
          {running.map((job, index) => (
            <RunningJob key={job.id} job={job} follows={index < FOLLOWED_JOBS} cancel={cancel} />
          ))}
        </Stack>
      </section>
      {ended.length > 0 && (
        <section aria-labelledby="jobs-ended">
          <Title id="jobs-ended" order={2} size="h4" mb="sm">
            {t("ended")}
          </Title>
          <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }}>
            {ended.slice(0, shown).map((job) => (
              <EndedJob key={job.id} job={job} isSuperseded={isSuperseded(job, jobs)} resume={resume} />
            ))}
          </Stack>
          {ended.length > shown && (
            <Button mt="sm" variant="default" onClick={() => setShown(shown + ENDED_SHOWN)}>
              {t("more", { count: ended.length - shown })}
            </Button>
          )}
        </section>
      )}
    </Stack>
  )
}
