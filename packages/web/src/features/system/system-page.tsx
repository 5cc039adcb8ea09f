// This computer: what it is, what it does now, how fast its models are, and whether all is well.
import { Skeleton, Stack } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { useModels } from "../../queries/models.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { Page } from "../../ui/page.tsx"
import { Section } from "../../ui/section.tsx"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { DoctorPanel } from "./doctor-panel.tsx"
import { LiveMachine } from "./live-machine.tsx"
import { LoadedModels } from "./loaded-models.tsx"
import { MachineFacts } from "./machine-facts.tsx"
import { MeasureModel } from "./measure-model.tsx"
import { MeasuredSpeeds } from "./measured-speeds.tsx"
import { useActivity, useActivityHistory, useMachine, useMeasuredSpeeds } from "./use-system.ts"

export function SystemPage() {
  const { t } = useTranslation("system")
  const machine = useMachine()
  const activity = useActivity()
  const history = useActivityHistory(activity.data)
  const speeds = useMeasuredSpeeds()
  const models = useModels()
  return (
    <Page title={t("title")}>
      <Stack gap="sm">
        {machine.isPending && <Skeleton height={48} />}
        {machine.isError && <ErrorCard error={machine.error} onRetry={() => void machine.refetch()} />}
        {machine.data !== undefined && <MachineFacts machine={machine.data} />}
      </Stack>
      <Section title={t("now")}>
        {activity.isPending && <SkeletonList rows={2} height={150} />}
        {activity.isError && <ErrorCard error={activity.error} onRetry={() => void activity.refetch()} />}
        {activity.data !== undefined && <LiveMachine activity={activity.data} history={history} />}
      </Section>
      <Section title={t("loaded.title")}>
        {activity.isPending && <SkeletonList rows={1} height={72} />}
        {activity.data !== undefined && <LoadedModels models={activity.data.models} />}
      </Section>
      <Section title={t("speeds.title")} text={t("speeds.text")}>
        {models.data !== undefined && (
          <MeasureModel models={models.data} answersRunning={activity.data?.queue.running ?? 0} />
        )}
        {speeds.isPending && <SkeletonList rows={2} height={96} />}
        {speeds.isError && <ErrorCard error={speeds.error} onRetry={() => void speeds.refetch()} />}
        {speeds.data !== undefined && <MeasuredSpeeds reports={speeds.data} />}
      </Section>
      <Section title={t("doctor.title")}>
        <DoctorPanel />
      </Section>
    </Page>
  )
}
