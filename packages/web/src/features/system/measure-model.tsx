// Measures a model now, with progress, and says what came of it.
import type { ModelSummary } from "@fireside/protocol"
import { Button, Card, Group, NativeSelect, Progress, Stack, Switch, Text } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { ErrorCard } from "../../ui/error-card.tsx"
import { ReportFigures } from "./measured-speeds.tsx"
import { useMeasurement } from "./use-measurement.ts"

export interface MeasureModelProps {
  readonly models: readonly ModelSummary[]
  /** Answers that are being written, by whomever. */
  readonly answersRunning: number
}

export function MeasureModel({ models, answersRunning }: MeasureModelProps) {
  const { t } = useTranslation("system")
  const usable = models.filter(({ problem }) => problem === undefined)
  const [chosen, setChosen] = useState("")
  const [quick, setQuick] = useState(true)
  const { state, start, stop } = useMeasurement()
  const model = usable.some(({ name }) => name === chosen) ? chosen : usable[0]?.name
  if (model === undefined) return null
  const isRunning = state.type === "running"
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Group align="flex-end" gap="sm">
          <NativeSelect
            style={{ flex: "1 1 14rem" }}
            label={t("measure.model")}
            data={usable.map(({ name }) => name)}
            value={model}
            disabled={isRunning}
            onChange={(event) => setChosen(event.currentTarget.value)}
          />
          {isRunning ? (
            <Button variant="default" onClick={stop}>
              {t("measure.stop")}
            </Button>
          ) : (
            <Button onClick={() => start({ model, quick })}>{t("measure.start")}</Button>
          )}
        </Group>
        <Switch
          label={t("measure.quick")}
          description={t("measure.quickHint")}
          checked={quick}
          disabled={isRunning}
          onChange={(event) => setQuick(event.currentTarget.checked)}
        />
        <Text size="sm" c="dimmed">
          {t("measure.text")}{" "}
          {answersRunning > 0 && !isRunning && t("measure.busy", { count: answersRunning })}
        </Text>
        {isRunning && (
          <div role="status">
            <Progress
              value={100 * state.fraction}
              aria-label={t("measure.progress")}
              transitionDuration={150}
            />
            <Text size="sm" mt={4}>
              {state.message === "" ? t("measure.begins") : state.message}
            </Text>
          </div>
        )}
        {state.type === "failed" && <ErrorCard error={state.error} onRetry={() => start({ model, quick })} />}
        {state.type === "done" && (
          <div role="status">
            <ReportFigures report={state.report} />
          </div>
        )}
      </Stack>
    </Card>
  )
}
