// The lock as three sentences to choose from. Shown is what the server says, not what was wished.
import type { Lock, LockState, PrivacyStatus } from "@fireside/protocol"
import { Alert, Group, Radio, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { ErrorCard } from "../../ui/error-card.tsx"
import { AllowedHosts } from "./allowed-hosts.tsx"
import { useLockActions } from "./use-privacy.ts"

const STATES = ["locked", "ask", "allow-list"] as const satisfies readonly LockState[]

export interface LockPanelProps {
  readonly lock: Lock
  readonly status: PrivacyStatus | undefined
}

export function LockPanel({ lock: { lock, allowedHosts }, status }: LockPanelProps) {
  const { t } = useTranslation("privacy")
  const { setLock, allowHost, disallowHost } = useLockActions()
  const isForced = setLock.isSuccess && setLock.variables !== undefined && setLock.variables !== lock
  const choose = (value: string): void => {
    const wanted = STATES.find((state) => state === value)
    if (wanted !== undefined && wanted !== lock) setLock.mutate(wanted)
  }
  return (
    <Stack gap="sm">
      <Radio.Group value={lock} onChange={choose} aria-label={t("lock.title")}>
        <Stack gap="xs">
          {STATES.map((state) => (
            <Radio.Card key={state} value={state} p="md" disabled={setLock.isPending}>
              <Group wrap="nowrap" align="flex-start">
                <Radio.Indicator mt={2} />
                <div>
                  <Text fw={600}>{t(`lock.${state}.name`)}</Text>
                  <Text size="sm" c="dimmed">
                    {t(`lock.${state}.meaning`)}
                  </Text>
                </div>
              </Group>
            </Radio.Card>
          ))}
        </Stack>
      </Radio.Group>
      {setLock.isError && <ErrorCard error={setLock.error} />}
      {isForced && (
        <Alert color="yellow" role="status">
          {t("lock.forced")}
        </Alert>
      )}
      {lock === "allow-list" && (
        <AllowedHosts hosts={allowedHosts} allowHost={allowHost} disallowHost={disallowHost} />
      )}
      {status !== undefined && (
        <Text size="sm" c="dimmed">
          {t(`sandbox.${status.sandbox}`)}
        </Text>
      )}
    </Stack>
  )
}
