import { Group, Progress, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { AnswerPhase } from "./answer-state.ts"
import classes from "./answer-status.module.css"

/** Says what the wait is for; never only that there is one. */
export function AnswerStatus({ phase }: { readonly phase: AnswerPhase }) {
  const { t } = useTranslation("chat")
  const status = statusOf(phase)
  if (status === undefined) return <div className={classes.place} />
  return (
    <Group gap="sm" className={classes.place} role="status">
      <Text size="sm" c="dimmed">
        {t(`status.${status.name}`, status.values)}
      </Text>
      {status.fraction === undefined ? null : (
        <Progress
          value={status.fraction * 100}
          w={120}
          size="sm"
          aria-label={t(`status.${status.name}`, status.values)}
        />
      )}
    </Group>
  )
}

interface Status {
  readonly name: "sent" | "queued" | "loading" | "reading"
  readonly values: Readonly<Record<string, number>>
  readonly fraction?: number
}

function statusOf(phase: AnswerPhase): Status | undefined {
  switch (phase.type) {
    case "sent":
      return { name: "sent", values: {} }
    case "queued":
      return { name: "queued", values: { position: phase.position } }
    case "loading":
      return {
        name: "loading",
        values: { percent: Math.round(phase.fraction * 100) },
        fraction: phase.fraction,
      }
    case "reading": {
      const { doneTokens, totalTokens } = phase
      const fraction = totalTokens === 0 ? 1 : doneTokens / totalTokens
      return {
        name: "reading",
        values: { percent: Math.round(fraction * 100), total: totalTokens },
        fraction,
      }
    }
    case "writing":
    case "done":
    case "failed":
      return undefined
    default:
      return phase satisfies never
  }
}
