// A job that ended: what came of it, and the next step.
import type { Job } from "@fireside/protocol"
import { Button, Card, Group, Stack, Text, Title } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { ErrorText } from "../../ui/error-text.tsx"
import { formatBytes, formatTime } from "../../ui/format.ts"
import { joinFacts } from "../../ui/join-facts.ts"
import { StatusBadge } from "../../ui/status-badge.tsx"
import { canResume } from "./job-order.ts"
import type { JobActions } from "./use-job-actions.ts"

export interface EndedJobProps {
  readonly job: Job
  /** A newer job did, or does, the same: there is nothing left to do here. */
  readonly isSuperseded: boolean
  readonly resume: JobActions["resume"]
}

const TONES = { running: "fair", done: "good", failed: "bad", cancelled: "neutral" } as const

export function EndedJob({ job, isSuperseded, resume }: EndedJobProps): ReactNode {
  const { t, i18n } = useTranslation("jobs")
  const locale = i18n.language
  const { kind, subject, state, error, doneBytes, totalBytes, updatedAt } = job
  const size = state === "done" ? totalBytes : doneBytes
  return (
    <Card withBorder component="li" data-job-state={state}>
      <Group justify="space-between" align="flex-start">
        <Stack gap={4} style={{ flex: "1 1 16rem", minWidth: 0 }}>
          <Group gap="xs">
            <Title order={3} size="h5" style={{ overflowWrap: "anywhere" }}>
              {t(`title.${kind}.${state}`, { subject })}
            </Title>
            <StatusBadge tone={TONES[state]}>{t(`state.${state}`)}</StatusBadge>
          </Group>
          <Text size="sm" c="dimmed">
            {joinFacts([formatTime(updatedAt, locale), ...(size > 0 ? [formatBytes(size, locale)] : [])])}
          </Text>
          {state === "failed" && error !== null && <ErrorText error={error} />}
          {isSuperseded && state !== "done" && <Text size="sm">{t("superseded")}</Text>}
          {canResume(job) && !isSuperseded && doneBytes > 0 && (
            <Text size="sm">{t("kept", { size: formatBytes(doneBytes, locale) })}</Text>
          )}
        </Stack>
        <NextStep job={job} isSuperseded={isSuperseded} resume={resume} />
      </Group>
    </Card>
  )
}

function NextStep({ job, isSuperseded, resume }: EndedJobProps): ReactNode {
  const { t } = useTranslation("jobs")
  if (isSuperseded && job.state !== "done") return null
  const isLocked = job.error?.code === "network-locked" || job.error?.code === "network-blocked"
  if (canResume(job))
    return (
      <Group gap="xs">
        {isLocked && (
          <Button size="xs" variant="default" component={Link} to="/privacy">
            {t("toPrivacy")}
          </Button>
        )}
        <Button
          size="xs"
          variant="light"
          loading={resume.isPending && resume.variables === job.id}
          onClick={() => resume.mutate(job.id)}
          aria-label={t("resumeNamed", { subject: job.subject })}
        >
          {t("resume")}
        </Button>
      </Group>
    )
  return (
    <Button size="xs" variant="default" component={Link} to="/models">
      {t(job.state === "done" ? "seeModel" : "toModels")}
    </Button>
  )
}
