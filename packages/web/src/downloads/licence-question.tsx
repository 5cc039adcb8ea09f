// Asked before a download whose licence has conditions. Nothing has been fetched when it is shown.
import { Anchor, Button, Group, Modal, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"

export interface LicenceQuestionProps {
  readonly title: string
  readonly licence: { readonly name: string; readonly url: string }
  readonly isOpen: boolean
  onAccept(): void
  onClose(): void
}

export function LicenceQuestion({ title, licence, isOpen, onAccept, onClose }: LicenceQuestionProps) {
  const { t } = useTranslation("downloads")
  const isUnknown = licence.name === "unknown"
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t("licence.title")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <Stack>
        <Text>
          {isUnknown
            ? t("licence.unknown", { model: title })
            : t("licence.conditions", { model: title, licence: licence.name })}
        </Text>
        <LicenceLink url={licence.url} />
        <Text size="sm" c="dimmed">
          {t("licence.once")}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("licence.refuse")}
          </Button>
          <Button onClick={onAccept} data-autofocus>
            {isUnknown ? t("licence.acceptUnknown") : t("licence.accept")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

/** Only ordinary addresses become links: this one may come from a hub. */
function LicenceLink({ url }: { readonly url: string }) {
  const { t } = useTranslation("downloads")
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol !== "https:") return null
  return (
    <Stack gap={2}>
      <Anchor href={parsed.href} target="_blank" rel="noopener noreferrer">
        {t("licence.read", { host: parsed.host })}
      </Anchor>
      <Text size="xs" c="dimmed">
        {t("licence.leaves")}
      </Text>
    </Stack>
  )
}
