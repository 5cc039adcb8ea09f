// What this computer is and what it can run, as somebody would say it.
import type { HardwareFacts } from "@fireside/protocol"
import { Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { formatBytes } from "../../ui/format.ts"
import { Term } from "../../ui/term.tsx"
import type { Reach } from "./proposals.ts"

export interface MachineSentenceProps {
  readonly hardware: HardwareFacts
  /** Undefined: the catalogue could not be asked. */
  readonly reach: Reach | undefined
}

export function MachineSentence({ hardware, reach }: MachineSentenceProps) {
  const { t, i18n } = useTranslation("welcome")
  const graphics = hardware.devices.filter(({ kind }) => kind === "gpu")
  const memoryBytes = Math.min(hardware.totalMemoryBytes, hardware.memoryLimitBytes)
  const words = {
    cores: t("machine.cores", { count: hardware.physicalCores }),
    memory: formatBytes(memoryBytes, i18n.language),
    graphics: graphics.map(({ description, name }) => description || name).join(", "),
  }
  return (
    <Text size="lg" maw="62ch">
      {graphics.length === 0 ? t("machine.plain", words) : t("machine.graphics", words)}{" "}
      <ReachWords reach={reach} />
    </Text>
  )
}

function ReachWords({ reach }: Pick<MachineSentenceProps, "reach">) {
  const { t, i18n } = useTranslation("welcome")
  if (reach === undefined || reach.possible === 0) return null
  const count = (parameters: number): string =>
    new Intl.NumberFormat(i18n.language, {
      notation: "compact",
      compactDisplay: "long",
      maximumSignificantDigits: 2,
    }).format(parameters)
  const before =
    reach.comfortable === 0
      ? t("machine.slow", { possible: count(reach.possible) })
      : reach.possible > reach.comfortable
        ? t("machine.both", { comfortable: count(reach.comfortable), possible: count(reach.possible) })
        : t("machine.comfortable", { comfortable: count(reach.comfortable) })
  return (
    <>
      {before} <Term id="parameters">{t("machine.term")}</Term>
    </>
  )
}
