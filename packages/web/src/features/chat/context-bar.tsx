import { Group, Progress, Text, Tooltip } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { ContextUse } from "./context-use.ts"

export interface ContextBarProps {
  /** Undefined: it is not known yet. */
  readonly use: ContextUse | undefined
  /** Tokens; undefined: not known before the model is loaded. */
  readonly contextLength: number | undefined
}

/** How much of what the model can keep in mind is taken; it warns before it is full. */
export function ContextBar({ use, contextLength }: ContextBarProps) {
  const { t } = useTranslation("chat")
  if (use === undefined) return null
  const { usedTokens, fraction, isNearlyFull } = use
  const label = t("context.use", { count: usedTokens, of: contextLength })
  return (
    <Tooltip label={t(isNearlyFull ? "context.nearlyFull" : "context.what")} multiline maw={320}>
      <Group gap={6} wrap="nowrap" tabIndex={0} role="group" aria-label={label}>
        <Progress
          value={fraction * 100}
          w={64}
          size="sm"
          color={isNearlyFull ? "red" : "ember"}
          aria-label={label}
        />
        <Text size="xs" c={isNearlyFull ? "red" : "dimmed"} visibleFrom="sm">
          {label}
        </Text>
      </Group>
    </Tooltip>
  )
}
