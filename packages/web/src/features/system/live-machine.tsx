// Processor, memory and queue as they are this second, with the last two minutes.
import type { LiveActivity } from "@fireside/protocol"
import { Card, SimpleGrid, Text, Title } from "@mantine/core"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { formatBytes } from "../../ui/format.ts"
import type { ActivitySample } from "./activity-history.ts"
import { HistoryChart } from "./history-chart.tsx"

export interface LiveMachineProps {
  readonly activity: LiveActivity
  readonly history: readonly ActivitySample[]
}

const readProcessor = ({ processorShare }: ActivitySample): number | null => processorShare
const readMemory = ({ memoryShare }: ActivitySample): number => memoryShare

export function LiveMachine({ activity, history }: LiveMachineProps) {
  const { t, i18n } = useTranslation("system")
  const locale = i18n.language
  const { processorShare, processors, memory, queue } = activity
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 })
  const used = formatBytes(Math.max(0, memory.totalBytes - memory.availableBytes), locale)
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Meter
        name={t("processor.name")}
        value={processorShare === null ? t("measuring") : percent.format(processorShare)}
        text={t("processor.text", { count: processors })}
      >
        <HistoryChart name={t("processor.name")} history={history} read={readProcessor} />
      </Meter>
      <Meter
        name={t("memory.name")}
        value={t("memory.used", { used, total: formatBytes(memory.totalBytes, locale) })}
        text={
          memory.limitBytes < memory.totalBytes
            ? t("memory.limited", { limit: formatBytes(memory.limitBytes, locale) })
            : t("memory.free", { free: formatBytes(memory.availableBytes, locale) })
        }
      >
        <HistoryChart name={t("memory.name")} history={history} read={readMemory} />
      </Meter>
      <Card withBorder style={{ gridColumn: "1 / -1" }}>
        <Title order={3} size="h5">
          {t("queue.name")}
        </Title>
        <Text>
          {queue.running === 0 && queue.waiting === 0
            ? t("queue.idle")
            : `${t("queue.running", { count: queue.running })} ${t("queue.waiting", { count: queue.waiting })}`}
        </Text>
      </Card>
    </SimpleGrid>
  )
}

interface MeterProps {
  readonly name: string
  readonly value: string
  readonly text: string
  readonly children: ReactNode
}

function Meter({ name, value, text, children }: MeterProps) {
  return (
    <Card withBorder>
      <Title order={3} size="h5">
        {name}
      </Title>
      <Text size="xl" fw={600} style={{ fontVariantNumeric: "tabular-nums" }}>
        {value}
      </Text>
      {children}
      <Text size="sm" c="dimmed" mt={6}>
        {text}
      </Text>
    </Card>
  )
}
