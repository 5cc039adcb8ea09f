// Examines the machine and the installation when asked, and says in words what was found.
import type { DoctorReport } from "@fireside/protocol"
import { Button, Card, Group, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { useServerWords } from "../../server-words.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { ServerDetail } from "../../ui/server-detail.tsx"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { StatusBadge } from "../../ui/status-badge.tsx"
import { type DoctorGroup, doctorGroups } from "./doctor-groups.ts"
import { useDoctor } from "./use-system.ts"

const TONES = { fine: "good", warning: "fair", problem: "bad" } as const

/** Looks of the doctor that have a name here; others are shown by their own. */
const NAMED: readonly string[] = [
  "versions",
  "processor",
  "memory",
  "disk",
  "engine",
  "kernels",
  "data-folder",
  "models",
  "sandbox",
  "lock",
  "ledger",
]

export function DoctorPanel() {
  const { t } = useTranslation("system")
  const doctor = useDoctor()
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text c="dimmed" style={{ flex: "1 1 16rem" }}>
          {t("doctor.text")}
        </Text>
        <Button variant="default" loading={doctor.isPending} onClick={() => doctor.mutate()}>
          {t(doctor.data === undefined ? "doctor.start" : "doctor.again")}
        </Button>
      </Group>
      {doctor.isPending && <SkeletonList rows={5} />}
      {doctor.isError && <ErrorCard error={doctor.error} onRetry={() => doctor.mutate()} />}
      {doctor.data !== undefined && !doctor.isPending && <Found report={doctor.data} />}
    </Stack>
  )
}

function Found({ report }: { readonly report: DoctorReport }) {
  const { t } = useTranslation("system")
  const groups = doctorGroups(report)
  const open = groups.filter(({ verdict }) => verdict !== "fine").length
  return (
    <>
      <Text role="status">{open === 0 ? t("doctor.allFine") : t("doctor.found", { count: open })}</Text>
      <Card withBorder p={0}>
        <Stack component="ul" gap={0} p={0} m={0} style={{ listStyle: "none" }}>
          {groups.map((group) => (
            <Look key={group.id} group={group} />
          ))}
        </Stack>
      </Card>
    </>
  )
}

function Look({ group: { id, verdict, checks } }: { readonly group: DoctorGroup }) {
  const { t } = useTranslation("system")
  return (
    <Stack component="li" gap={2} px="md" py="sm">
      <Group justify="space-between" gap="xs">
        <Text fw={500}>{NAMED.includes(id) ? t(`doctor.look.${id}`) : id}</Text>
        <StatusBadge tone={TONES[verdict]}>{t(`doctor.${verdict}`)}</StatusBadge>
      </Group>
      {checks.map((check) => (
        <Finding key={check.message} check={check} />
      ))}
    </Stack>
  )
}

function Finding({ check }: { readonly check: DoctorGroup["checks"][number] }) {
  const { message, hint, detail } = useServerWords().finding(check)
  return (
    <div>
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {message}
      </Text>
      {hint !== undefined && (
        <Text size="sm" c="dimmed" dir="auto" style={{ overflowWrap: "anywhere" }}>
          {hint}
        </Text>
      )}
      <ServerDetail text={detail} />
    </div>
  )
}
