// Whether a model suits this machine: a word, and the numbers behind it.
import type { ModelFit } from "@fireside/protocol"
import { Group, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { formatBytes, formatRate } from "../ui/format.ts"
import { StatusBadge } from "../ui/status-badge.tsx"
import { fitToneOf, fitVerdictOf, paceOf, roundSpeed } from "./fit-words.ts"

export interface FitLineProps {
  readonly fit: ModelFit | null
  /** Of the file; 0: not known. */
  readonly sizeBytes: number
}

export function FitLine({ fit, sizeBytes }: FitLineProps) {
  const { t, i18n } = useTranslation("downloads")
  const verdict = fitVerdictOf(fit)
  const speed = fit?.expectedTokensPerSecond ?? 0
  return (
    <Group gap="xs" align="baseline" wrap="wrap">
      <StatusBadge tone={fitToneOf(verdict)}>{t(`fit.${verdict}.label`)}</StatusBadge>
      <Text size="sm">
        {t(`fit.${verdict}.text`, {
          needed: formatBytes(fit?.neededBytes ?? 0, i18n.language),
          available: formatBytes(fit?.availableBytes ?? 0, i18n.language),
          size: formatBytes(sizeBytes, i18n.language),
          speed: formatRate(roundSpeed(speed), i18n.language),
          pace: t(`pace.${paceOf(speed)}`),
        })}
      </Text>
    </Group>
  )
}
