import { Group, Progress, Stack, Text, Tooltip } from "@mantine/core"
import { useTranslation } from "react-i18next"
import type { ContextFilling, ContextPart } from "./context-parts.ts"
import type { ContextUse } from "./context-use.ts"

export interface ContextBarProps {
  /** Undefined: it is not known yet. */
  readonly use: ContextUse | undefined
  readonly filling: ContextFilling | undefined
  /** Tokens; undefined: not known before the model is loaded. */
  readonly contextLength: number | undefined
}

const COLOURS = {
  instructions: "grape",
  questions: "ember",
  answers: "teal",
  draft: "gray",
} as const satisfies Record<ContextPart["kind"], string>

/** How much of what the model can keep in mind is taken, and by what; it warns before it is full. */
export function ContextBar({ use, filling, contextLength }: ContextBarProps) {
  const { t, i18n } = useTranslation("chat")
  if (use === undefined || filling === undefined) return null
  const { usedTokens, isNearlyFull } = use
  const { parts, roomTokens } = filling
  const label = t("context.use", { count: usedTokens, of: contextLength })
  const inWords = (tokens: number) => new Intl.NumberFormat(i18n.language).format(tokens)
  const lines = [
    ...parts.map(({ kind, tokens }) => t(`context.${kind}`, { tokens: inWords(tokens) })),
    t("context.room", { tokens: inWords(roomTokens) }),
  ]
  return (
    <Tooltip
      multiline
      maw={320}
      events={{ hover: true, focus: true, touch: true }}
      label={
        <Stack gap={2}>
          {lines.map((line) => (
            <span key={line}>{line}</span>
          ))}
          <span>{t(isNearlyFull ? "context.nearlyFull" : "context.what")}</span>
        </Stack>
      }
    >
      <Group gap={6} wrap="nowrap" tabIndex={0} role="group" aria-label={[label, ...lines].join(". ")}>
        <Progress.Root w={64} size="sm" aria-hidden="true">
          {parts.map(({ kind, tokens }) => (
            <Progress.Section
              key={kind}
              value={(100 * tokens) / Math.max(1, contextLength ?? usedTokens)}
              color={isNearlyFull ? "red" : COLOURS[kind]}
              withAria={false}
            />
          ))}
        </Progress.Root>
        <Text size="xs" c={isNearlyFull ? "red" : "dimmed"} visibleFrom="sm">
          {label}
        </Text>
      </Group>
    </Tooltip>
  )
}
