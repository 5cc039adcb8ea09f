// Which conversations are listed; all of them out to a file, and others in.
import { ActionIcon, Menu, Text } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { useQueryClient } from "@tanstack/react-query"
import { useRef } from "react"
import { useTranslation } from "react-i18next"
import { api } from "../api.ts"
import { ALL_CONVERSATIONS, type ListWish, useLabels } from "../conversations/use-conversations.ts"
import { Icon } from "../ui/icon.tsx"
import { saveFile } from "../ui/save-file.ts"
import classes from "./sidebar.module.css"

export interface ListMenuProps {
  readonly wish: ListWish
  readonly onWish: (wish: ListWish) => void
}

export function ListMenu({ wish, onWish }: ListMenuProps) {
  const { t } = useTranslation("shell")
  const queries = useQueryClient()
  const labels = useLabels()
  const picker = useRef<HTMLInputElement>(null)
  const { folder, tag, trash } = wish
  const show = (change: Partial<ListWish>) => onWish({ ...ALL_CONVERSATIONS, ...change })
  const tags = labels.data?.tags ?? []
  const takeIn = async (file: File | undefined) => {
    if (file === undefined) return
    try {
      if (await isZip(file)) throw new Error(t("import.isZip", { name: file.name }))
      const report = await api.conversations.import(JSON.parse(await file.text()))
      notifications.show({ message: t("import.done", { count: report.imported }) })
      await queries.invalidateQueries({ queryKey: ["conversations"] })
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      const message = error instanceof SyntaxError ? t("import.notJson", { name: file.name }) : text
      notifications.show({ color: "red", message, autoClose: 10_000 })
    }
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t("list.menu")}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown mah="70dvh" maw={300} className={classes.menu}>
        <Menu.Label>{t("list.show")}</Menu.Label>
        <Menu.Item onClick={() => show({})} aria-current={folder === "" && tag === "" && !trash}>
          {t("list.all")}
        </Menu.Item>
        {(labels.data?.folders ?? []).map(({ name }) => (
          <Menu.Item key={name} onClick={() => show({ folder: name })} aria-current={folder === name}>
            {name}
          </Menu.Item>
        ))}
        <Menu.Item onClick={() => show({ trash: true })} aria-current={trash}>
          {t("list.trash")}
        </Menu.Item>
        {tags.length === 0 ? null : <Menu.Label>{t("tags")}</Menu.Label>}
        {tags.map(({ name }) => (
          <Menu.Item key={name} onClick={() => show({ tag: name })} aria-current={tag === name}>
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          onClick={async () =>
            saveFile("fireside-chats.json", "application/json", await api.conversations.export(null, "json"))
          }
        >
          {t("export.all")}
        </Menu.Item>
        <Menu.Item onClick={() => picker.current?.click()}>
          {t("import.from")}
          <Text size="xs" c="dimmed">
            {t("import.zipHint")}
          </Text>
        </Menu.Item>
      </Menu.Dropdown>
      <input
        ref={picker}
        type="file"
        accept="application/json,.json,.zip"
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

/** By its first bytes: what it is called says little. */
async function isZip(file: File): Promise<boolean> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer())
  return first === 0x50 && second === 0x4b
}
