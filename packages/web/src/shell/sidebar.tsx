// The list of conversations and the way to the other screens.
import { ActionIcon, Button, Group, Menu, Stack, TextInput } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { useQueryClient } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import { useDeferredValue, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "../api.ts"
import { useLabels } from "../conversations/use-conversations.ts"
import { Icon } from "../ui/icon.tsx"
import { saveFile } from "../ui/save-file.ts"
import { ConversationList } from "./conversation-list.tsx"
import { SCREENS } from "./screens.ts"
import { SearchHits } from "./search-hits.tsx"
import classes from "./sidebar.module.css"

export function Sidebar() {
  const { t } = useTranslation("shell")
  const [query, setQuery] = useState("")
  const [folder, setFolder] = useState("")
  const [isTrash, setTrash] = useState(false)
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
        <ListMenu folder={folder} onFolder={setFolder} isTrash={isTrash} onTrash={setTrash} />
      </Group>
      {searched === "" ? (
        <ConversationList folder={folder} trash={isTrash} />
      ) : (
        <SearchHits query={searched} />
      )}
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

interface ListMenuProps {
  readonly folder: string
  readonly onFolder: (folder: string) => void
  readonly isTrash: boolean
  readonly onTrash: (isTrash: boolean) => void
}

/** Which conversations are listed; all of them out to a file, and others in. */
function ListMenu({ folder, onFolder, isTrash, onTrash }: ListMenuProps) {
  const { t } = useTranslation("shell")
  const queries = useQueryClient()
  const labels = useLabels()
  const picker = useRef<HTMLInputElement>(null)
  const show = (name: string, trash: boolean) => {
    onFolder(name)
    onTrash(trash)
  }
  const takeIn = async (file: File | undefined) => {
    if (file === undefined) return
    try {
      const report = await api.conversations.import(JSON.parse(await file.text()))
      notifications.show({ message: t("import.done", { count: report.imported }) })
      await queries.invalidateQueries({ queryKey: ["conversations"] })
    } catch (error) {
      const message = error instanceof SyntaxError ? t("import.notJson", { name: file.name }) : String(error)
      notifications.show({ color: "red", message })
    }
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t("list.menu")}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("list.show")}</Menu.Label>
        <Menu.Item onClick={() => show("", false)} aria-current={folder === "" && !isTrash}>
          {t("list.all")}
        </Menu.Item>
        {(labels.data?.folders ?? []).map(({ name }) => (
          <Menu.Item key={name} onClick={() => show(name, false)} aria-current={folder === name}>
            {name}
          </Menu.Item>
        ))}
        <Menu.Item onClick={() => show("", true)} aria-current={isTrash}>
          {t("list.trash")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          onClick={async () =>
            saveFile("fireside-chats.json", "application/json", await api.conversations.export(null, "json"))
          }
        >
          {t("export.all")}
        </Menu.Item>
        <Menu.Item onClick={() => picker.current?.click()}>{t("import.from")}</Menu.Item>
      </Menu.Dropdown>
      <input
        ref={picker}
        type="file"
        accept="application/json,.json"
        hidden
        aria-label={t("import.from")}
        onChange={(event) => {
          void takeIn(event.currentTarget.files?.[0])
          event.currentTarget.value = ""
        }}
      />
    </Menu>
  )
}
