import { NativeSelect } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { formatBytes } from "../ui/format.ts"
import { SPEED_LIMITS, useSpeedLimit } from "./speed-limit.ts"

export interface SpeedLimitSelectProps {
  /** Left out: only downloads that begin from now on take it. */
  readonly onChange?: (bytesPerSecond: number) => void
  readonly isDisabled?: boolean
}

export function SpeedLimitSelect({ onChange, isDisabled = false }: SpeedLimitSelectProps) {
  const { t, i18n } = useTranslation("downloads")
  const limit = useSpeedLimit()
  return (
    <NativeSelect
      size="xs"
      label={t("limit.label")}
      disabled={isDisabled}
      value={String(limit.bytesPerSecond)}
      onChange={(event) => (onChange ?? limit.change)(Number(event.currentTarget.value))}
      data={SPEED_LIMITS.map((bytes) => ({
        value: String(bytes),
        label: bytes === 0 ? t("limit.none") : t("limit.rate", { size: formatBytes(bytes, i18n.language) }),
      }))}
    />
  )
}
