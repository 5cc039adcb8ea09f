// Between what the model does not read any more and what it reads; with the summary that stands for it.
import { Button, Group, Paper, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import classes from "./cut-line.module.css"

export interface Cut {
  /** The first message that is sent. */
  readonly from: string
  /** Empty: nothing stands for what comes before. */
  readonly summary: string
  readonly onUndo: () => void
}

export function CutLine({ summary, onUndo }: Omit<Cut, "from">) {
  const { t } = useTranslation("chat")
  return (
    <Stack gap="xs" mb="lg" component="section" aria-label={t("cut.label")}>
      <Group justify="space-between" gap="xs" className={classes.line}>
        <Text size="sm" c="dimmed">
          {t("cut.text")}
        </Text>
        <Button size="compact-xs" variant="default" onClick={onUndo}>
          {t("cut.undo")}
        </Button>
      </Group>
      {summary === "" ? null : (
        <Paper withBorder p="sm">
          <Text size="xs" c="dimmed" fw={600}>
            {t("cut.summary")}
          </Text>
          <Text size="sm" className={classes.summary}>
            {summary}
          </Text>
        </Paper>
      )}
    </Stack>
  )
}
