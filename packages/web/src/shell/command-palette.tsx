import type { Conversation } from "@fireside/protocol"
import { Spotlight, type SpotlightActionData } from "@mantine/spotlight"
import { useNavigate } from "@tanstack/react-router"
import { useDeferredValue, useState } from "react"
import { useTranslation } from "react-i18next"
import { useConversations, useSearch } from "../conversations/use-conversations.ts"
import { SCREENS } from "./screens.ts"

/** Everything by typing its name, and chats by what was said in them too. */
export function CommandPalette() {
  const { t } = useTranslation("shell")
  const navigate = useNavigate()
  const [query, setQuery] = useState("")
  const newest = useConversations().data?.pages.flat() ?? []
  const found = useFound(query)
  const actions: SpotlightActionData[] = [
    { id: "new", label: t("newChat"), onClick: () => void navigate({ to: "/" }) },
    ...SCREENS.map(({ name, path }) => ({
      id: name,
      label: t(`screens.${name}`),
      onClick: () => void navigate({ to: path }),
    })),
    ...[...new Map([...newest, ...found].map((each) => [each.id, each])).values()].map((conversation) => ({
      id: `chat-${conversation.id}`,
      label: conversation.title,
      // What the server found stays in the list, whatever its title is.
      keywords: found.includes(conversation) ? query : "",
      group: t("conversations"),
      onClick: () => void navigate({ to: "/c/$id", params: { id: conversation.id } }),
    })),
  ]
  return (
    <Spotlight
      actions={actions}
      limit={9}
      onQueryChange={setQuery}
      shortcut={null}
      attributes={{ content: { "aria-label": t("palette.search") } }}
      nothingFound={t("palette.nothing")}
      searchProps={{ radius: 0, placeholder: t("palette.search"), "aria-label": t("palette.search") }}
    />
  )
}

/** Chats in which the words are. */
function useFound(query: string): readonly Conversation[] {
  const words = useDeferredValue(query.trim())
  const { data } = useSearch(words)
  return words === "" ? [] : (data ?? []).map(({ conversation }) => conversation)
}
