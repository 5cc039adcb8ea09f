// The list of conversations and the way to the other screens.
import { ActionIcon, Button, Menu, Skeleton, Stack, Text, TextInput } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { useVirtualizer } from "@tanstack/react-virtual"
import { Link, useNavigate, useParams } from "@tanstack/react-router"
import { useDeferredValue, useEffect, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { toRows } from "../conversations/group-conversations.ts"
import {
  useChangeConversation,
  useConversations,
  useRemoveConversation,
} from "../conversations/use-conversations.ts"
import { ErrorCard } from "../ui/error-card.tsx"
import { Icon } from "../ui/icon.tsx"
import { SCREENS } from "./screens.ts"
import classes from "./sidebar.module.css"

const ROW_HEIGHT = 36

export function Sidebar() {
  const { t } = useTranslation("shell")
  const [query, setQuery] = useState("")
  return (
    <Stack h="100%" gap="xs" p="xs">
      <Button component={Link} to="/" variant="light" leftSection={<Icon name="plus" />}>
        {t("newChat")}
      </Button>
      <TextInput
        data-region="search"
        size="sm"
        type="search"
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        placeholder={t("search")}
        aria-label={t("search")}
        leftSection={<Icon name="search" size={16} />}
      />
      <ConversationList query={useDeferredValue(query.trim())} />
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

function ConversationList({ query }: { readonly query: string }) {
  const { t } = useTranslation("shell")
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useConversations()
  const scroller = useRef<HTMLDivElement>(null)
  const rows = toRows(data?.pages.flat() ?? [], { query, nowMs: Date.now() })
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  })
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= rows.length - 20) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, last, rows.length, fetchNextPage])

  if (error !== null) return <ErrorCard error={error} onRetry={() => void refetch()} />
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <div ref={scroller} className={classes.list} tabIndex={0} role="region" aria-label={t("conversations")}>
      {isPending ? (
        <Stack gap={6}>
          {[90, 70, 80, 60].map((width) => (
            <Skeleton key={width} height={24} width={`${width}%`} />
          ))}
        </Stack>
      ) : rows.length === 0 ? (
        <Text size="sm" c="dimmed" p="xs">
          {t(query === "" ? "noConversations" : "nothingFound")}
        </Text>
      ) : (
        <div className={classes.rows} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index]
            if (row === undefined) return null
            return (
              <div
                key={item.key}
                className={classes.row}
                style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              >
                {row.type === "group" ? (
                  <Text size="xs" c="dimmed" fw={600} pt="xs" px="xs">
                    {t(`groups.${row.group}`)}
                  </Text>
                ) : (
                  <ConversationRow id={row.conversation.id} title={row.conversation.title} />
                )}
              </div>
            )
          })}
        </div>
      )}
    </div>
  )
}

function ConversationRow({ id, title }: { readonly id: string; readonly title: string }) {
  const { t } = useTranslation("shell")
  const navigate = useNavigate()
  const { id: open } = useParams({ strict: false })
  const change = useChangeConversation()
  const remove = useRemoveConversation()
  const [isRenaming, setRenaming] = useState(false)
  const rename = (text: string) => {
    setRenaming(false)
    if (text.trim() !== "" && text !== title) change.mutate({ id, change: { title: text.trim() } })
  }
  const discard = () =>
    remove.mutate(id, {
      onSuccess: () => {
        notifications.show({ message: t("removed", { title }) })
        if (open === id) void navigate({ to: "/" })
      },
      onError: (error) => notifications.show({ color: "red", message: error.message }),
    })
  if (isRenaming)
    return (
      <TextInput
        size="xs"
        defaultValue={title}
        aria-label={t("rename")}
        data-autofocus
        autoFocus
        onBlur={(event) => rename(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") rename(event.currentTarget.value)
          if (event.key === "Escape") setRenaming(false)
        }}
      />
    )
  return (
    <div className={classes.conversation} data-open={open === id}>
      <Link to="/c/$id" params={{ id }} className={classes.title} title={title} aria-current={open === id ? "page" : undefined}>
        {title}
      </Link>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t("actionsOf", { title })} className={classes.more}>
            <Icon name="more" size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setRenaming(true)}>{t("rename")}</Menu.Item>
          <Menu.Item onClick={discard}>{t("remove")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}
