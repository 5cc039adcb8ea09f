import type { HardwareFacts } from "@fireside/protocol"
import { Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { formatBytes } from "../../ui/format.ts"
import { joinFacts } from "../../ui/join-facts.ts"

/** What this computer is, in two lines. */
export function MachineFacts({ machine }: { readonly machine: HardwareFacts }) {
  const { t, i18n } = useTranslation("system")
  const locale = i18n.language
  const { cpuModel, physicalCores, totalMemoryBytes, diskFreeBytes, onBattery, devices } = machine
  const graphics = devices.filter(({ kind }) => kind !== "cpu")
  const names = graphics.map(({ description, name }) => description || name)
  return (
    <Stack gap={2}>
      <Text>
        {joinFacts([
          t("machine.cores", { count: physicalCores }),
          t("machine.memory", { size: formatBytes(totalMemoryBytes, locale) }),
          names.length === 0 ? t("machine.noGraphics") : names.join(", "),
          t("machine.disk", { size: formatBytes(diskFreeBytes, locale) }),
        ])}
      </Text>
      <Text size="sm" c="dimmed">
        {cpuModel.trim()} {onBattery === true && t("machine.battery")}
      </Text>
    </Stack>
  )
}
