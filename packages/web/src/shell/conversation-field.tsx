// A name, a folder or tags of a conversation, typed in the row's place.
import { CONVERSATION_LIMITS, type Conversation, type ConversationChange } from "@fireside/protocol"
import { TextInput } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { useChangeConversation } from "../conversations/use-conversations.ts"
import { showError } from "../ui/show-error.tsx"
import { readTags } from "./read-tags.ts"

/** With its separators. */
const MOST_CHARACTERS = {
  title: CONVERSATION_LIMITS.titleLength,
  folder: CONVERSATION_LIMITS.folderLength,
  tags: CONVERSATION_LIMITS.tags * (CONVERSATION_LIMITS.tagLength + 2),
} as const

export type ConversationPart = "title" | "folder" | "tags"

export interface ConversationFieldProps {
  readonly conversation: Conversation
  readonly part: ConversationPart
  readonly onDone: () => void
}

export function ConversationField({ conversation, part, onDone }: ConversationFieldProps) {
  const { id, title, folder, tags } = conversation
  const { t } = useTranslation("shell")
  const change = useChangeConversation()
  return (
    <TextInput
      size="xs"
      autoFocus
      defaultValue={{ title, folder, tags: tags.join(", ") }[part]}
      placeholder={part === "tags" ? t("tagsHint") : undefined}
      maxLength={MOST_CHARACTERS[part]}
      aria-label={t({ title: "rename", folder: "folder", tags: "tagsLabel" }[part])}
      onBlur={(event) => {
        const text = event.currentTarget.value.trim()
        onDone()
        // The field is gone when the server has answered.
        const save = (wish: ConversationChange) =>
          void change.mutateAsync({ id, change: wish }).catch(showError)
        if (part === "tags") save({ tags: readTags(text) })
        else if (part === "folder" || text !== "") save({ [part]: text })
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur()
        if (event.key === "Escape") onDone()
      }}
    />
  )
}
