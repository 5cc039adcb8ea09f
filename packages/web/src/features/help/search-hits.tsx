import { Mark, Stack, Text } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { EmptyState } from "../../ui/empty-state.tsx"
import type { GuideHit } from "./search-guide.ts"
import classes from "./search-hits.module.css"

export interface SearchHitsProps {
  readonly hits: readonly GuideHit[]
  readonly query: string
  /** One was chosen. */
  readonly onFollow: () => void
}

export function SearchHits({ hits, query, onFollow }: SearchHitsProps) {
  const { t } = useTranslation("help")
  return (
    <Stack gap="xs">
      <Text role="status" c="dimmed" size="sm">
        {t("found", { count: hits.length })}
      </Text>
      {hits.length === 0 ? (
        <EmptyState title={t("nothing.title", { query })} text={t("nothing.text")} />
      ) : (
        <ul className={classes.list}>
          {hits.map((hit) => (
            <li key={`${hit.page.id}#${hit.section.anchor}`}>
              <Link
                to="/help/$page"
                params={{ page: hit.page.id }}
                {...(hit.section.anchor === "" ? {} : { hash: hit.section.anchor })}
                className={classes.hit}
                onClick={onFollow}
              >
                <Text fw={600}>
                  {hit.section.anchor === "" ? hit.page.title : `${hit.page.title} › ${hit.section.heading}`}
                </Text>
                <Text size="sm" c="dimmed">
                  <Marked {...hit.snippet} />
                </Text>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Stack>
  )
}

function Marked({ text, matches }: GuideHit["snippet"]) {
  let from = 0
  const pieces = matches.map(({ start, end }) => {
    const before = text.slice(from, start)
    from = end
    return (
      <span key={start}>
        {before}
        <Mark>{text.slice(start, end)}</Mark>
      </span>
    )
  })
  return (
    <>
      {pieces}
      {text.slice(from)}
    </>
  )
}
