import { Mark, Skeleton, Stack, Text } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { useSearch } from "../conversations/use-conversations.ts"
import { ErrorCard } from "../ui/error-card.tsx"
import classes from "./sidebar.module.css"

/** Where the words are, in titles and in what was said. */
export function SearchHits({ query }: { readonly query: string }) {
  const { t } = useTranslation("shell")
  const { data, error, refetch } = useSearch(query)
  if (error !== null)
    return (
      <div className={classes.list}>
        <ErrorCard error={error} onRetry={() => void refetch()} />
      </div>
    )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.list} tabIndex={0} aria-label={t("searchHits")}>
      {data === undefined ? (
        <Skeleton height={48} />
      ) : data.length === 0 ? (
        <Text size="sm" c="dimmed" p="xs" role="status">
          {t("nothingFound")}
        </Text>
      ) : (
        <Stack gap={4}>
          {data.map(({ conversation, messageId, snippet }) => (
            <Link
              key={`${conversation.id} ${messageId ?? ""}`}
              to="/c/$id"
              params={{ id: conversation.id }}
              search={(messageId === null ? {} : { branch: messageId }) as never}
              className={classes.hit}
            >
              <Text size="sm" truncate>
                {conversation.title}
              </Text>
              <Text size="xs" c="dimmed" lineClamp={2}>
                {marked(snippet.text, snippet.matches)}
              </Text>
            </Link>
          ))}
        </Stack>
      )}
    </section>
  )
}

interface Match {
  readonly start: number
  readonly end: number
}

function marked(text: string, matches: readonly Match[]) {
  const parts = []
  let at = 0
  for (const { start, end } of matches) {
    parts.push(text.slice(at, start), <Mark key={start}>{text.slice(start, end)}</Mark>)
    at = end
  }
  return [...parts, text.slice(at)]
}
