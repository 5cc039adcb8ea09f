import { Anchor, Button, Group, Modal, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"

/** Asks before a link of an answer leads away, and shows the whole address: it may carry what was said. */
export function LeaveDialog({ url, onClose }: { readonly url: string; readonly onClose: () => void }) {
  const { t } = useTranslation("chat")
  return (
    <Modal opened onClose={onClose} title={t("leave.title", { host: new URL(url).host })}>
      <Stack gap="md">
        <Text size="sm">{t("leave.text")}</Text>
        <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
          {url}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("leave.stay")}
          </Button>
          <Anchor href={url} target="_blank" rel="noopener noreferrer nofollow" onClick={onClose}>
            {t("leave.open")}
          </Anchor>
        </Group>
      </Stack>
    </Modal>
  )
}
