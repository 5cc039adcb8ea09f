// Why a model is still there. One that is in use is unloaded only when its user says so.
import { AppError } from "@fireside/protocol"
import { Alert, Button, Group, Stack } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { ErrorText } from "../../ui/error-text.tsx"

export interface RemovalRefusedProps {
  readonly error: Error
  readonly isBusy: boolean
  onUnload(): void
  onClose(): void
}

export function RemovalRefused({ error, isBusy, onUnload, onClose }: RemovalRefusedProps) {
  const { t } = useTranslation("models")
  const isInUse = error instanceof AppError && error.code === "model-in-use"
  return (
    <Alert role="alert" color="red" variant="light" mt="xs" title={t("refused.title")}>
      <Stack gap="xs">
        <ErrorText error={error} />
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
