// A download as it goes: what is happening, how far it is, how long it takes; and its pause.
import { fromErrorBody } from "@fireside/protocol"
import { Button, Card, Group, Progress, Stack, Text } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import type { TFunction } from "i18next"
import { useTranslation } from "react-i18next"
import { ErrorCard } from "../ui/error-card.tsx"
import { formatBytes, formatDuration } from "../ui/format.ts"
import { joinFacts } from "../ui/join-facts.ts"
import { addUpStep, type StepTotals } from "./pull-progress.ts"
import { percentOf } from "./pull-state.ts"
import { SpeedLimitSelect } from "./speed-limit-select.tsx"
import type { Pull } from "./use-pull.ts"

export interface PullCardProps {
  readonly pull: Pull
  readonly title: string
}

/** Nothing at all where there is no download. */
export function PullCard({ pull, title }: PullCardProps) {
  const { state, error } = pull
  const body = bodyOf({ pull, title })
  if (body === null && error === null) return null
  return (
    <Card withBorder padding="md" data-state={state.type}>
      <Stack gap="sm">
        {body}
        {error === null ? null : <ErrorCard error={error} />}
      </Stack>
    </Card>
  )
}

function bodyOf({ pull, title }: PullCardProps) {
  switch (pull.state.type) {
    case "running":
      return <Running pull={pull} title={title} />
    case "paused":
      return <Paused pull={pull} title={title} />
    case "failed":
      return <Failed pull={pull} />
    case "none":
    case "done":
      return null
    default:
      return pull.state satisfies never
  }
}

function Running({ pull, title }: PullCardProps) {
  const { t, i18n } = useTranslation("downloads")
  const { progress, trouble } = pull
  const totals = addUpStep(progress)
  const step = progress.step === "other" ? progress.message : t(`step.${progress.step}`, { model: title })
  return (
    <>
      <Text fw={600} role="status">
        {step}
      </Text>
      <Progress.Root size="lg">
        <Progress.Section
          value={totals.percent ?? 0}
          aria-label={step}
          aria-valuetext={totals.percent === undefined ? t("amount.unknown") : `${totals.percent} %`}
        />
      </Progress.Root>
      {/* Keeps its height while there is nothing to say yet. */}
      <Text size="sm" c="dimmed" mih="1.5em" style={{ fontVariantNumeric: "tabular-nums" }}>
        {amountWords(totals, t, i18n.language)}
      </Text>
      <Text size="sm" c="dimmed">
        {t(`explain.${progress.step}`)}
      </Text>
      {progress.notices.map((notice) => (
        <Text key={notice} size="xs" c="dimmed">
          {notice}
        </Text>
      ))}
      {trouble === undefined ? null : <Text size="sm">{t("lost")}</Text>}
      <Group justify="space-between" align="flex-end">
        <Button variant="default" loading={pull.isBusy} onClick={pull.pause}>
          {t("pause")}
        </Button>
        <SpeedLimitSelect onChange={pull.changeLimit} isDisabled={pull.isBusy} />
      </Group>
    </>
  )
}

function amountWords(
  { doneBytes, totalBytes, bytesPerSecond, secondsLeft }: StepTotals,
  t: TFunction,
  locale: string,
): string {
  const done = formatBytes(doneBytes, locale)
  const parts = [
    ...(totalBytes > 0
      ? [t("amount.of", { done, total: formatBytes(totalBytes, locale) })]
      : doneBytes > 0
        ? [t("amount.done", { done })]
        : []),
    ...(bytesPerSecond > 0 ? [t("amount.speed", { size: formatBytes(bytesPerSecond, locale) })] : []),
    ...(secondsLeft === undefined
      ? []
      : [t("amount.left", { time: formatDuration(secondsLeft * 1_000, locale) })]),
  ]
  return joinFacts(parts)
}

function Paused({ pull, title }: PullCardProps) {
  const { t, i18n } = useTranslation("downloads")
  if (pull.state.type !== "paused") return null
  const { job } = pull.state
  const percent = percentOf(job)
  return (
    <>
      <Text fw={600} role="status">
        {t("paused.title", { model: title })}
      </Text>
      {percent === undefined ? null : (
        <Progress value={percent} color="gray" size="lg" aria-label={t("paused.title", { model: title })} />
      )}
      <Text size="sm" c="dimmed">
        {percent === undefined
          ? t("paused.text")
          : t("paused.amount", {
              done: formatBytes(job.doneBytes, i18n.language),
              total: formatBytes(job.totalBytes, i18n.language),
            })}
      </Text>
      <Group justify="space-between" align="flex-end">
        <Button loading={pull.isBusy} onClick={() => pull.start()}>
          {t("resume")}
        </Button>
        <SpeedLimitSelect isDisabled={pull.isBusy} />
      </Group>
    </>
  )
}

function Failed({ pull }: Pick<PullCardProps, "pull">) {
  const { t } = useTranslation("downloads")
  if (pull.state.type !== "failed") return null
  const { error } = pull.state.job
  const shown = error === null ? new Error(t("failed")) : fromErrorBody(error)
  switch (error?.code) {
    case "licence-not-accepted":
      return (
        <>
          <ErrorCard error={shown} />
          <Button loading={pull.isBusy} onClick={() => pull.start({ acceptLicence: true })}>
            {t("licence.accept")}
          </Button>
        </>
      )
    case "network-locked":
      return (
        <>
          <ErrorCard error={shown} onRetry={() => pull.start()} />
          <Button component={Link} to="/privacy" variant="default">
            {t("toLock")}
          </Button>
        </>
      )
    default:
      return (
        <>
          <ErrorCard error={shown} onRetry={() => pull.start()} />
          <Text size="sm" c="dimmed">
            {t("kept")}
          </Text>
        </>
      )
  }
}
