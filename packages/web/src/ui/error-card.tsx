import { Alert, Button, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"

export interface ErrorCardProps {
  /** An `AppError` says what happened and what helps; anything else is told as it is. */
  readonly error: unknown
  readonly onRetry?: () => void
}

export function ErrorCard({ error, onRetry }: ErrorCardProps) {
  const { t } = useTranslation("shell")
  const { message, hint } = readError(error)
  return (
    <Alert role="alert" color="red" title={t("error.title")} variant="light">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{message}</Text>
        {hint === undefined ? null : <Text size="sm">{hint}</Text>}
        {onRetry === undefined ? null : (
          <Button size="xs" variant="default" onClick={onRetry}>
            {t("error.retry")}
          </Button>
        )}
      </Stack>
    </Alert>
  )
}

function readError(error: unknown): { message: string; hint?: string } {
  if (!(error instanceof Error)) return { message: String(error) }
  const { hint } = error as { hint?: unknown }
  return { message: error.message, ...(typeof hint === "string" && hint !== "" ? { hint } : {}) }
}
