// Taking one's own data along, and taking it away.
import { Button, Card, Group, Stack, Text, Title } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "../../api.ts"
import { usePreferences } from "../../preferences.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { saveFile } from "../../ui/save-file.ts"
import { collectExport } from "./collect-export.ts"
import { EraseDialog } from "./erase-dialog.tsx"

export function OwnData() {
  const { t } = useTranslation("privacy")
  const [isErasing, setIsErasing] = useState(false)
  const collect = useMutation({
    async mutationFn() {
      const { change: _, ...preferences } = usePreferences.getState()
      const now = Date.now()
      const text = await collectExport({ client: api, now, preferences })
      const day = new Date(now).toISOString().slice(0, 10)
      saveFile(`fireside-${day}.json`, "application/json", text)
    },
  })
  return (
    <Stack gap="sm">
      <Card withBorder>
        <Group justify="space-between">
          <div style={{ flex: "1 1 16rem" }}>
            <Title order={3} size="h5">
              {t("export.title")}
            </Title>
            <Text size="sm" c="dimmed">
              {t("export.text")}
            </Text>
          </div>
          <Button variant="default" loading={collect.isPending} onClick={() => collect.mutate()}>
            {t("export.action")}
          </Button>
        </Group>
        {collect.isError && <ErrorCard error={collect.error} onRetry={() => collect.mutate()} />}
        <Text size="sm" role="status">
          {collect.isSuccess ? t("export.done") : ""}
        </Text>
      </Card>
      <Card withBorder>
        <Group justify="space-between">
          <div style={{ flex: "1 1 16rem" }}>
            <Title order={3} size="h5">
              {t("erase.title")}
            </Title>
            <Text size="sm" c="dimmed">
              {t("erase.text")}
            </Text>
          </div>
          <Button variant="outline" color="red" onClick={() => setIsErasing(true)}>
            {t("erase.open")}
          </Button>
        </Group>
      </Card>
      <EraseDialog isOpen={isErasing} onClose={() => setIsErasing(false)} />
    </Stack>
  )
}
