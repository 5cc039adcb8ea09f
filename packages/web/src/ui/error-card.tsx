import { Alert, Button, Stack } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { ErrorText } from "./error-text.tsx"

export interface ErrorCardProps {
  /** An `AppError` says what happened and what helps; anything else is told as it is. */
  readonly error: unknown
  readonly onRetry?: () => void
}

export function ErrorCard({ error, onRetry }: ErrorCardProps) {
  const { t } = useTranslation("shell")
  return (
    <Alert role="alert" color="red" title={t("error.title")} variant="light">
      <Stack gap="xs" align="flex-start">
        <ErrorText error={error} />
        {onRetry === undefined ? null : (
          <Button size="xs" variant="default" onClick={onRetry}>
            {t("error.retry")}
          </Button>
        )}
      </Stack>
    </Alert>
  )
}
