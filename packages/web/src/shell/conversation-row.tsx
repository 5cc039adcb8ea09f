import type { Conversation } from "@fireside/protocol"
import { ActionIcon } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { Icon } from "../ui/icon.tsx"
import { ConversationField, type ConversationPart } from "./conversation-field.tsx"
import { ConversationMenu } from "./conversation-menu.tsx"
import classes from "./sidebar.module.css"

export interface ConversationRowProps {
  readonly conversation: Conversation
  /** It is what the page shows. */
  readonly isOpen: boolean
}

export function ConversationRow({ conversation, isOpen }: ConversationRowProps) {
  const { id, title } = conversation
  const { t } = useTranslation("shell")
  const [changed, setChanged] = useState<ConversationPart>()
  const [hasMenu, setHasMenu] = useState(false)
  if (changed !== undefined)
    return (
      <ConversationField conversation={conversation} part={changed} onDone={() => setChanged(undefined)} />
    )
  const change = (part: ConversationPart) => {
    // A menu that comes anew comes open.
    setHasMenu(false)
    setChanged(part)
  }
  const button = {
    variant: "subtle",
    color: "gray",
    size: "sm",
    "aria-label": t("actionsOf", { title }),
    className: classes.more,
    children: <Icon name="more" size={16} />,
  } as const
  return (
    <div className={classes.conversation} data-open={isOpen}>
      <Link
        to="/c/$id"
        params={{ id }}
        className={classes.title}
        title={title}
        aria-current={isOpen ? "page" : undefined}
      >
        {title}
      </Link>
      {hasMenu ? (
        <ConversationMenu conversation={conversation} isOpen={isOpen} onChange={change}>
          {/* It stands where the button was that had the focus. */}
          <ActionIcon {...button} autoFocus />
        </ConversationMenu>
      ) : (
        // A menu for each row would be half the work of drawing the list.
        <ActionIcon {...button} aria-haspopup="menu" aria-expanded={false} onClick={() => setHasMenu(true)} />
      )}
    </div>
  )
}
