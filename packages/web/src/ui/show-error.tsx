import { notifications } from "@mantine/notifications"
import { ErrorText } from "./error-text.tsx"

/** Tells of what failed where there is no place of its own for it. */
export function showError(error: unknown): void {
  notifications.show({ color: "red", message: <ErrorText error={error} /> })
}
