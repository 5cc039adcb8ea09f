import { Skeleton, Stack, Text } from "@mantine/core"
import { useParams } from "@tanstack/react-router"
import { useVirtualizer } from "@tanstack/react-virtual"
import { useEffect, useRef } from "react"
import { useTranslation } from "react-i18next"
import { keyOf, toRows } from "../conversations/group-conversations.ts"
import { type ListWish, useConversations } from "../conversations/use-conversations.ts"
import { ErrorCard } from "../ui/error-card.tsx"
import { ConversationRow } from "./conversation-row.tsx"
import classes from "./sidebar.module.css"

const ROW_HEIGHT = 36

/** However many there are: only those in sight are drawn, and the next page is read before its place is. */
export function ConversationList(wish: ListWish) {
  const { t } = useTranslation("shell")
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } =
    useConversations(wish)
  const { id: open } = useParams({ strict: false })
  const scroller = useRef<HTMLDivElement>(null)
  const rows = toRows(data?.pages.flat() ?? [], Date.now())
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    // By what a row shows, not by its place: an open menu and a name that is being typed stay with their conversation when the list is
    // sorted anew.
    getItemKey: (index) => keyOf(rows[index]) ?? index,
  })
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= rows.length - 20) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, last, rows.length, fetchNextPage])

  // In the list's place, so that what stands below it stays where it is.
  if (error !== null)
    return (
      <div className={classes.list}>
        <ErrorCard error={error} onRetry={() => void refetch()} />
      </div>
    )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section ref={scroller} className={classes.list} tabIndex={0} aria-label={t("conversations")}>
      {isPending ? (
        <Stack gap={6}>
          {[90, 70, 80, 60].map((width) => (
            <Skeleton key={width} height={24} width={`${width}%`} />
          ))}
        </Stack>
      ) : rows.length === 0 ? (
        <Text size="sm" c="dimmed" p="xs">
          {t(emptyText(wish))}
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
                  <ConversationRow conversation={row.conversation} isOpen={row.conversation.id === open} />
                )}
              </div>
            )
          })}
        </div>
      )}
    </section>
  )
}

function emptyText({ folder, tag, trash }: ListWish): "emptyTrash" | "noneThere" | "noConversations" {
  if (trash) return "emptyTrash"
  return folder === "" && tag === "" ? "noConversations" : "noneThere"
}
