// The list of conversations and the way to the other screens.
import { ActionIcon, Button, Group, Stack, Text, TextInput } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useDeferredValue, useState } from "react"
import { useTranslation } from "react-i18next"
import { ALL_CONVERSATIONS, type ListWish } from "../conversations/use-conversations.ts"
import { Icon } from "../ui/icon.tsx"
import { ConversationList } from "./conversation-list.tsx"
import { ListMenu } from "./list-menu.tsx"
import { SCREENS } from "./screens.ts"
import { SearchHits } from "./search-hits.tsx"
import classes from "./sidebar.module.css"

export function Sidebar() {
  const { t } = useTranslation("shell")
  const [query, setQuery] = useState("")
  const [wish, setWish] = useState(ALL_CONVERSATIONS)
  const searched = useDeferredValue(query.trim())
  return (
    <Stack h="100%" gap="xs" p="xs">
      <Button component={Link} to="/" variant="light" leftSection={<Icon name="plus" />}>
        {t("newChat")}
      </Button>
      <Group gap={4} wrap="nowrap">
        <TextInput
          flex={1}
          data-region="search"
          size="sm"
          type="search"
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          placeholder={t("search")}
          aria-label={t("search")}
          leftSection={<Icon name="search" size={16} />}
        />
        <ListMenu wish={wish} onWish={setWish} />
      </Group>
      <ListFilter wish={wish} onAll={() => setWish(ALL_CONVERSATIONS)} />
      {searched === "" ? <ConversationList {...wish} /> : <SearchHits query={searched} />}
      <nav aria-label={t("screensLabel")}>
        {SCREENS.map(({ name, path }) => (
          <Link key={name} to={path} className={classes.screen} activeProps={{ "aria-current": "page" }}>
            {t(`screens.${name}`)}
          </Link>
        ))}
      </nav>
    </Stack>
  )
}

/** Says that not all are listed, and why. */
function ListFilter({ wish, onAll }: { readonly wish: ListWish; readonly onAll: () => void }) {
  const { t } = useTranslation("shell")
  const { folder, tag, trash } = wish
  if (folder === "" && tag === "" && !trash) return null
  const text = trash
    ? t("list.trash")
    : tag === ""
      ? t("list.inFolder", { name: folder })
      : t("list.withTag", { name: tag })
  return (
    <Group justify="space-between" wrap="nowrap" gap={4} px={8}>
      <Text size="sm" c="dimmed" truncate role="status">
        {text}
      </Text>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t("list.all")} onClick={onAll}>
        <Icon name="close" size={16} />
      </ActionIcon>
    </Group>
  )
}
