// A job that runs: what it does, how far it is, and how to stop it.
import type { Job } from "@fireside/protocol"
import { Button, Card, Group, Progress, Stack, Text, Title } from "@mantine/core"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { formatBytes, formatDuration } from "../../ui/format.ts"
import { joinFacts } from "../../ui/join-facts.ts"
import { jobStepOf } from "./job-step.ts"
import { jobProgress, type LiveJob } from "./live-job.ts"
import type { JobActions } from "./use-job-actions.ts"
import { useLiveJob } from "./use-live-job.ts"

export interface RunningJobProps {
  readonly job: Job
  readonly follows: boolean
  readonly cancel: JobActions["cancel"]
}

export function RunningJob({ job, follows, cancel }: RunningJobProps): ReactNode {
  const { t } = useTranslation("jobs")
  const live = useLiveJob(job.id, { follows })
  const { fraction } = jobProgress(job, live)
  const title = t(`title.${job.kind}.running`, { subject: job.subject })
  return (
    <Card withBorder component="li" data-job-state={job.state}>
      <Stack gap="xs">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Title order={3} size="h5" style={{ overflowWrap: "anywhere" }}>
            {title}
          </Title>
          <Button
            variant="default"
            size="xs"
            style={{ flexShrink: 0 }}
            loading={cancel.isPending && cancel.variables === job.id}
            onClick={() => cancel.mutate(job.id)}
            aria-label={t("cancelNamed", { subject: job.subject })}
          >
            {t("cancel")}
          </Button>
        </Group>
        <Progress
          value={100 * (fraction ?? 1)}
          striped={fraction === undefined}
          animated={fraction === undefined}
          transitionDuration={150}
          aria-label={title}
        />
        <JobNumbers job={job} live={live} />
        {live.notices.map((notice) => (
          <Text key={notice} size="sm" lang="en" dir="auto">
            {notice}
          </Text>
        ))}
      </Stack>
    </Card>
  )
}

/** Its place is kept while nothing is known yet, so that nothing jumps. */
function JobNumbers({ job, live }: { readonly job: Job; readonly live: LiveJob }): ReactNode {
  const { t, i18n } = useTranslation("jobs")
  const stepWords = (status: string | undefined): string => {
    const step = status === undefined ? "working" : jobStepOf(status)
    return step === undefined ? (status ?? "") : t(step === "working" ? step : `step.${step}`)
  }
  const locale = i18n.language
  const { fraction, doneBytes, totalBytes } = jobProgress(job, live)
  const parts: string[] = []
  if (fraction !== undefined)
    parts.push(
      new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }).format(fraction),
      t("amount", { done: formatBytes(doneBytes, locale), total: formatBytes(totalBytes, locale) }),
    )
  if (live.bytesPerSecond !== undefined && live.bytesPerSecond > 0)
    parts.push(t("speed", { size: formatBytes(live.bytesPerSecond, locale) }))
  if (live.secondsLeft !== undefined)
    parts.push(t("left", { time: formatDuration(1_000 * live.secondsLeft, locale) }))
  const numbers = joinFacts(parts)
  return (
    <Group gap="md" justify="space-between">
      <Text size="sm" c="dimmed">
        {stepWords(live.status)}
      </Text>
      <Text size="sm" style={{ fontVariantNumeric: "tabular-nums" }}>
        {numbers}
      </Text>
    </Group>
  )
}
