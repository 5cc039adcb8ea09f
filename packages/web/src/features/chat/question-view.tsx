import { ActionIcon, Button, Group, Paper, Stack, Text, Textarea } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Icon } from "../../ui/icon.tsx"
import classes from "./message.module.css"
import type { ShownMessage } from "./message-tree.ts"
import { Versions } from "./versions.tsx"

export type QuestionViewProps =
  | { readonly text: string }
  | {
      readonly message: ShownMessage
      readonly isBusy: boolean
      readonly onStep: (step: 1 | -1) => void
      readonly onEdit: (content: string) => Promise<void>
    }

/** What the user said, as plain text. */
export function QuestionView(props: QuestionViewProps) {
  const { t } = useTranslation("chat")
  const [edited, setEdited] = useState<string>()
  const text = "text" in props ? props.text : props.message.stored.message.content
  if (edited !== undefined && "message" in props) {
    const send = () => {
      setEdited(undefined)
      if (edited.trim() !== "") void props.onEdit(edited)
    }
    return (
      <Stack gap="xs">
        <Textarea
          autosize
          autoFocus
          value={edited}
          aria-label={t("edit.label")}
          onChange={(event) => setEdited(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") setEdited(undefined)
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send()
          }}
        />
        <Group gap="xs" justify="flex-end">
          <Button size="xs" variant="default" onClick={() => setEdited(undefined)}>
            {t("edit.cancel")}
          </Button>
          <Button size="xs" onClick={send} disabled={props.isBusy}>
            {t("edit.send")}
          </Button>
        </Group>
      </Stack>
    )
  }
  return (
    <section className={classes.question} aria-label={t("question")}>
      <Paper className={classes.bubble} px="md" py="xs">
        <Text className={classes.plain}>{text}</Text>
      </Paper>
      {"message" in props ? (
        <Group gap={4} className={classes.actions} justify="flex-end">
          <Versions message={props.message} onStep={props.onStep} />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={t("edit.label")}
            data-edit-question
            onClick={() => setEdited(text)}
          >
            <Icon name="edit" size={16} />
          </ActionIcon>
        </Group>
      ) : null}
    </section>
  )
}
