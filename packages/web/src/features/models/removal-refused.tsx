// Why a model is still there. One that is in use is unloaded only when its user says so.
import { AppError } from "@fireside/protocol"
import { Alert, Button, Group, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"

export interface RemovalRefusedProps {
  readonly error: Error
  readonly isBusy: boolean
  onUnload(): void
  onClose(): void
}

export function RemovalRefused({ error, isBusy, onUnload, onClose }: RemovalRefusedProps) {
  const { t } = useTranslation("models")
  const isInUse = error instanceof AppError && error.code === "model-in-use"
  const hint = error instanceof AppError && !isInUse ? error.hint : undefined
  return (
    <Alert role="alert" color="red" variant="light" mt="xs" title={t("refused.title")}>
      <Stack gap="xs">
        <Text size="sm">{error.message}</Text>
        {hint === undefined ? null : <Text size="sm">{hint}</Text>}
        <Group gap="xs">
          {isInUse ? (
            <Button size="xs" loading={isBusy} onClick={onUnload}>
              {t("refused.unload")}
            </Button>
          ) : null}
          <Button size="xs" variant="default" onClick={onClose}>
            {t("refused.keep")}
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}
