// The one place that asks twice: what is deleted here does not come back.
import type { Erased } from "@fireside/protocol"
import { Button, Checkbox, Group, List, Modal, Stack, Text, TextInput } from "@mantine/core"
import { type FormEvent, useState } from "react"
import { useTranslation } from "react-i18next"
import { ErrorCard } from "../../ui/error-card.tsx"
import { formatBytes } from "../../ui/format.ts"
import { forgetBrowserData } from "./browser-data.ts"
import { useErase } from "./use-privacy.ts"

export interface EraseDialogProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function EraseDialog({ isOpen, onClose }: EraseDialogProps) {
  const { t } = useTranslation("privacy")
  const [typed, setTyped] = useState("")
  const [withModels, setWithModels] = useState(false)
  const erase = useErase()
  const close = (): void => {
    // Everything on the page may show what is gone: it begins anew.
    if (erase.isSuccess) {
      location.assign("/")
      return
    }
    setTyped("")
    setWithModels(false)
    erase.reset()
    onClose()
  }
  const word = t("erase.word")
  const isConfirmed = typed.trim().toLocaleLowerCase() === word.toLocaleLowerCase()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!isConfirmed || erase.isPending) return
    erase.mutate(
      { models: withModels },
      { onSuccess: () => forgetBrowserData([localStorage, sessionStorage]) },
    )
  }
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={t(erase.isSuccess ? "erase.doneTitle" : "erase.sure")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      {erase.isSuccess ? (
        <ErasedNews erased={erase.data} onClose={close} />
      ) : (
        <form onSubmit={submit}>
          <Stack gap="sm">
            <Text size="sm">{t("erase.goes")}</Text>
            <List size="sm">
              <List.Item>{t("erase.goesChats")}</List.Item>
              <List.Item>{t("erase.goesTraces")}</List.Item>
              <List.Item>{t("erase.goesBrowser")}</List.Item>
            </List>
            <Text size="sm">{t("erase.stays")}</Text>
            <Checkbox
              label={t("erase.models")}
              description={t("erase.modelsHint")}
              checked={withModels}
              onChange={(event) => setWithModels(event.currentTarget.checked)}
            />
            <TextInput
              label={t("erase.type", { word })}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
            />
            {erase.isError && <ErrorCard error={erase.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {t("erase.keep")}
              </Button>
              <Button type="submit" color="red" disabled={!isConfirmed} loading={erase.isPending}>
                {t("erase.action")}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}

function ErasedNews({ erased, onClose }: { readonly erased: Erased; readonly onClose: () => void }) {
  const { t, i18n } = useTranslation("privacy")
  const { conversations, models, freedModelBytes, kept } = erased
  return (
    <Stack gap="sm" role="status">
      <Text size="sm">{t("erase.doneConversations", { count: conversations })}</Text>
      {models > 0 && (
        <Text size="sm">
          {t("erase.doneModels", { count: models, size: formatBytes(freedModelBytes, i18n.language) })}
        </Text>
      )}
      {kept.map(({ name, message }) => (
        <Text key={name} size="sm">
          {t("erase.kept", { name, message })}
        </Text>
      ))}
      <Button onClick={onClose} data-autofocus>
        {t("erase.begin")}
      </Button>
    </Stack>
  )
}
