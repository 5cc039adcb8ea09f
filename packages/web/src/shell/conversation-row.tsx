import { CONVERSATION_LIMITS, type Conversation, type ExportFormat } from "@fireside/protocol"
import { ActionIcon, Button, Menu, TextInput } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { Link, useNavigate, useParams } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "../api.ts"
import {
  useChangeConversation,
  useRemoveConversation,
  useRestoreConversation,
} from "../conversations/use-conversations.ts"
import { ErrorText } from "../ui/error-text.tsx"
import { Icon } from "../ui/icon.tsx"
import { saveFile } from "../ui/save-file.ts"
import { readTags } from "./read-tags.ts"
import classes from "./sidebar.module.css"

const FORMATS = [
  { format: "markdown", ending: "md", mediaType: "text/markdown" },
  { format: "json", ending: "json", mediaType: "application/json" },
  { format: "html", ending: "html", mediaType: "text/html" },
] as const satisfies readonly { format: ExportFormat; ending: string; mediaType: string }[]

/** With its separators. */
const MOST_CHARACTERS = {
  title: CONVERSATION_LIMITS.titleLength,
  folder: CONVERSATION_LIMITS.folderLength,
  tags: CONVERSATION_LIMITS.tags * (CONVERSATION_LIMITS.tagLength + 2),
} as const

type Renamed = "title" | "folder" | "tags"

export function ConversationRow({ conversation }: { readonly conversation: Conversation }) {
  const { id, title, pinned, trashedAt, folder, tags } = conversation
  const { t } = useTranslation("shell")
  const { id: open } = useParams({ strict: false })
  const change = useChangeConversation()
  const [renamed, setRenamed] = useState<Renamed>()
  const { discard, restore } = useTrash(conversation, open === id)
  if (renamed !== undefined)
    return (
      <TextInput
        size="xs"
        autoFocus
        defaultValue={{ title, folder, tags: tags.join(", ") }[renamed]}
        placeholder={renamed === "tags" ? t("tagsHint") : undefined}
        maxLength={MOST_CHARACTERS[renamed]}
        aria-label={t({ title: "rename", folder: "folder", tags: "tagsLabel" }[renamed])}
        onBlur={(event) => {
          const text = event.currentTarget.value.trim()
          setRenamed(undefined)
          const onError = (error: Error) => notifications.show({ color: "red", message: error.message })
          if (renamed === "tags") change.mutate({ id, change: { tags: readTags(text) } }, { onError })
          else if (renamed === "folder" || text !== "")
            change.mutate({ id, change: { [renamed]: text } }, { onError })
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur()
          if (event.key === "Escape") setRenamed(undefined)
        }}
      />
    )
  return (
    <div className={classes.conversation} data-open={open === id}>
      <Link
        to="/c/$id"
        params={{ id }}
        className={classes.title}
        title={title}
        aria-current={open === id ? "page" : undefined}
      >
        {title}
      </Link>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            aria-label={t("actionsOf", { title })}
            className={classes.more}
          >
            <Icon name="more" size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {trashedAt === null ? (
            <>
              <Menu.Item onClick={() => change.mutate({ id, change: { pinned: !pinned } })}>
                {t(pinned ? "unpin" : "pin")}
              </Menu.Item>
              <Menu.Item onClick={() => setRenamed("title")}>{t("rename")}</Menu.Item>
              <Menu.Item onClick={() => setRenamed("folder")}>{t("folder")}</Menu.Item>
              <Menu.Item onClick={() => setRenamed("tags")}>{t("tags")}</Menu.Item>
              <Menu.Divider />
              {FORMATS.map(({ format, ending, mediaType }) => (
                <Menu.Item
                  key={format}
                  onClick={async () =>
                    saveFile(
                      `${fileName(title)}.${ending}`,
                      mediaType,
                      await api.conversations.export(id, format),
                    )
                  }
                >
                  {t(`export.${format}`)}
                </Menu.Item>
              ))}
              <Menu.Divider />
              <Menu.Item onClick={discard}>{t("remove")}</Menu.Item>
            </>
          ) : (
            <Menu.Item onClick={restore}>{t("restore")}</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}

/** Into the trash and out of it again: undo in place of a question. */
function useTrash({ id, title }: Conversation, isOpen: boolean) {
  const { t } = useTranslation("shell")
  const navigate = useNavigate()
  const remove = useRemoveConversation()
  const bringBack = useRestoreConversation()
  const onError = (error: Error) => notifications.show({ color: "red", message: <ErrorText error={error} /> })
  const restore = () => bringBack.mutate(id, { onError })
  const discard = () =>
    remove.mutate(id, {
      onSuccess: () => {
        const notice = notifications.show({
          message: (
            <>
              {t("removed", { title })}{" "}
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => {
                  restore()
                  notifications.hide(notice)
                }}
              >
                {t("undo")}
              </Button>
            </>
          ),
          autoClose: 10_000,
        })
        if (isOpen) void navigate({ to: "/" })
      },
      onError,
    })
  return { discard, restore }
}

function fileName(title: string): string {
  return (
    title
      .replace(/[^\p{L}\p{N} _-]+/gu, "")
      .trim()
      .slice(0, 60) || "chat"
  )
}
