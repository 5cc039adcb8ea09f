// What can be done with a conversation of the list.
import type { Conversation, ExportFormat } from "@fireside/protocol"
import { Menu } from "@mantine/core"
import { useNavigate } from "@tanstack/react-router"
import type { ReactElement } from "react"
import { useTranslation } from "react-i18next"
import { api } from "../api.ts"
import {
  useChangeConversation,
  useRemoveConversation,
  useRestoreConversation,
} from "../conversations/use-conversations.ts"
import { offerUndo } from "../ui/offer-undo.tsx"
import { saveFile } from "../ui/save-file.ts"
import { showError } from "../ui/show-error.tsx"
import type { ConversationPart } from "./conversation-field.tsx"

const FORMATS = [
  { format: "markdown", ending: "md", mediaType: "text/markdown" },
  { format: "json", ending: "json", mediaType: "application/json" },
  { format: "html", ending: "html", mediaType: "text/html" },
] as const satisfies readonly { format: ExportFormat; ending: string; mediaType: string }[]

export interface ConversationMenuProps {
  readonly conversation: Conversation
  readonly isOpen: boolean
  /** Something of it is to be typed. */
  readonly onChange: (part: ConversationPart) => void
  /** The button; drawn with the menu, which is open at first. */
  readonly children: ReactElement
}

export function ConversationMenu({ conversation, isOpen, onChange, children }: ConversationMenuProps) {
  const { id, title, pinned, trashedAt } = conversation
  const { t } = useTranslation("shell")
  const change = useChangeConversation()
  const { discard, restore } = useTrash(conversation, isOpen)
  return (
    <Menu position="bottom-end" withinPortal defaultOpened>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        {trashedAt === null ? (
          <>
            <Menu.Item
              onClick={() => void change.mutateAsync({ id, change: { pinned: !pinned } }).catch(showError)}
            >
              {t(pinned ? "unpin" : "pin")}
            </Menu.Item>
            <Menu.Item onClick={() => onChange("title")}>{t("rename")}</Menu.Item>
            <Menu.Item onClick={() => onChange("folder")}>{t("folder")}</Menu.Item>
            <Menu.Item onClick={() => onChange("tags")}>{t("tags")}</Menu.Item>
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
            <Menu.Item onClick={() => void discard()}>{t("remove")}</Menu.Item>
          </>
        ) : (
          <Menu.Item onClick={restore}>{t("restore")}</Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

/** Into the trash and out of it again: undo in place of a question. The row is gone when the server has answered. */
function useTrash({ id, title }: Conversation, isOpen: boolean) {
  const { t } = useTranslation("shell")
  const navigate = useNavigate()
  const remove = useRemoveConversation()
  const bringBack = useRestoreConversation()
  const restore = () => void bringBack.mutateAsync(id).catch(showError)
  const discard = async () => {
    try {
      await remove.mutateAsync(id)
      offerUndo({ message: t("removed", { title }), label: t("undo"), onUndo: restore })
      if (isOpen) void navigate({ to: "/" })
    } catch (error) {
      showError(error)
    }
  }
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
