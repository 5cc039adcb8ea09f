import { Spotlight, type SpotlightActionData } from "@mantine/spotlight"
import { useNavigate } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { useConversations } from "../conversations/use-conversations.ts"
import { SCREENS } from "./screens.ts"

/** Everything by typing its name. */
export function CommandPalette() {
  const { t } = useTranslation("shell")
  const navigate = useNavigate()
  const { data } = useConversations()
  const conversations = data?.pages.flat() ?? []
  const actions: SpotlightActionData[] = [
    { id: "new", label: t("newChat"), onClick: () => void navigate({ to: "/" }) },
    ...SCREENS.map(({ name, path }) => ({
      id: name,
      label: t(`screens.${name}`),
      onClick: () => void navigate({ to: path }),
    })),
    ...conversations.map(({ id, title }) => ({
      id: `chat-${id}`,
      label: title,
      group: t("conversations"),
      onClick: () => void navigate({ to: "/c/$id", params: { id } }),
    })),
  ]
  return (
    <Spotlight
      actions={actions}
      limit={9}
      shortcut={null}
      attributes={{ content: { "aria-label": t("palette.search") } }}
      nothingFound={t("palette.nothing")}
      searchProps={{ radius: 0, placeholder: t("palette.search"), "aria-label": t("palette.search") }}
    />
  )
}
