// Removing a model, with the way back in the same notification.
import type { Removal } from "@fireside/protocol"
import { Button, Group, Text } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import type { UseMutationResult } from "@tanstack/react-query"
import { useTranslation } from "react-i18next"
import { api } from "../../api.ts"
import { formatBytes } from "../../ui/format.ts"
import { showError } from "../../ui/show-error.tsx"
import { useModelChange } from "./use-models.ts"

export interface RemovalWish {
  readonly name: string
  /** Ends the use of it first. Chats that wait for it get an error. */
  readonly unloadFirst: boolean
}

/** Long enough to read it and to change one's mind; after it the list of removed models is still there. */
const UNDO_MS = 20_000

export function useRemoval(): UseMutationResult<Removal, Error, RemovalWish> {
  const { t, i18n } = useTranslation("models")
  const restore = useModelChange((name: string) => api.models.restore(name))
  return useModelChange(
    async ({ name, unloadFirst }: RemovalWish) => {
      if (unloadFirst) await api.models.stop(name)
      return api.models.remove(name)
    },
    ({ held }, { name }) => {
      const id = `removed ${name}`
      notifications.show({
        id,
        autoClose: UNDO_MS,
        title: t("removed.title", { name }),
        closeButtonProps: { "aria-label": t("close") },
        message: (
          <Group justify="space-between" gap="sm">
            <Text size="sm">{t("removed.text", { size: formatBytes(held?.bytes ?? 0, i18n.language) })}</Text>
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                notifications.hide(id)
                // The row that this belonged to is gone: only the promise still says how it ended.
                void restore.mutateAsync(name).catch(showError)
              }}
            >
              {t("undo")}
            </Button>
          </Group>
        ),
      })
    },
  )
}
