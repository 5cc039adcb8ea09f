// The guide in the product: the pages of `docs/guide`, the references, the glossary, and a search over all of it. Works without the server.
import { Anchor, Button, Stack, Text, TextInput } from "@mantine/core"
import { Link, useParams, useRouterState } from "@tanstack/react-router"
import { useDeferredValue, useEffect, useMemo, useState } from "react"
import { useTranslation } from "react-i18next"
import { EmptyState } from "../../ui/empty-state.tsx"
import { Icon } from "../../ui/icon.tsx"
import { Page } from "../../ui/page.tsx"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { Glossary } from "./glossary.tsx"
import { GLOSSARY_PAGE, GuideContents } from "./guide-contents.tsx"
import { findGuidePage, GUIDE_PAGES, type GuidePage } from "./guide-pages.ts"
import { GuideText } from "./guide-text.tsx"
import classes from "./help-page.module.css"
import { createGuideIndex, searchGuide } from "./search-guide.ts"
import { SearchHits } from "./search-hits.tsx"
import { useGuide } from "./use-guide.ts"

export function HelpPage() {
  const { page } = useParams({ strict: false })
  // Another page begins at its top, and without what was searched for.
  return <HelpScreen key={page ?? ""} id={page} />
}

function HelpScreen({ id }: { readonly id: string | undefined }) {
  const { t } = useTranslation("help")
  const [query, setQuery] = useState("")
  const wanted = useDeferredValue(query.trim())
  const guide = useGuide()
  // A language that cannot be had is no reason to be without help.
  const pages = guide.isError ? GUIDE_PAGES : guide.data
  const index = useMemo(() => createGuideIndex(pages ?? []), [pages])
  const page = id === undefined ? undefined : findGuidePage(id, pages)
  const title = page?.title ?? (id === GLOSSARY_PAGE ? t("glossary") : t("title"))
  return (
    <Page title={title}>
      <TextInput
        type="search"
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        placeholder={t("search")}
        aria-label={t("search")}
        leftSection={<Icon name="search" size={16} />}
      />
      {pages === undefined ? (
        <SkeletonList rows={6} height={40} />
      ) : wanted !== "" ? (
        <SearchHits hits={searchGuide(index, wanted)} query={wanted} onFollow={() => setQuery("")} />
      ) : id === undefined ? (
        <Stack>
          <Text maw="var(--reading-width)">{t("intro")}</Text>
          <GuideContents pages={pages} />
        </Stack>
      ) : (
        <div className={classes.columns}>
          <div className={classes.contents}>
            <GuideContents pages={pages} />
          </div>
          <div className={classes.article}>
            <Anchor component={Link} to="/help" size="sm" className={classes.back}>
              {t("allPages")}
            </Anchor>
            <Article id={id} page={page} pages={pages} />
          </div>
        </div>
      )}
    </Page>
  )
}

interface ArticleProps {
  readonly id: string
  readonly page: GuidePage | undefined
  readonly pages: readonly GuidePage[]
}

function Article({ id, page, pages }: ArticleProps) {
  const { t, i18n } = useTranslation("help")
  const hash = useRouterState({ select: ({ location }) => location.hash })
  useEffect(() => {
    if (hash !== "") document.getElementById(hash)?.scrollIntoView()
  }, [hash])
  if (id === GLOSSARY_PAGE) return <Glossary />
  if (page === undefined)
    return (
      <EmptyState
        title={t("noPage.title")}
        text={t("noPage.text")}
        action={
          <Button component={Link} to="/help">
            {t("allPages")}
          </Button>
        }
      />
    )
  return (
    <article>
      {page.language === i18n.language ? null : (
        <Text c="dimmed" size="sm" pb="xs">
          {t("onlyEnglish")}
        </Text>
      )}
      <GuideText markdown={page.text} language={page.language} />
      <Neighbours page={page} pages={pages} />
    </article>
  )
}

/** The page before and the one after, as in a book. */
function Neighbours({ page, pages }: { readonly page: GuidePage; readonly pages: readonly GuidePage[] }) {
  const { t } = useTranslation("help")
  const at = pages.indexOf(page)
  const [before, after] = [pages[at - 1], pages[at + 1]]
  return (
    <nav aria-label={t("neighbours")} className={classes.neighbours}>
      {before === undefined ? (
        <span />
      ) : (
        <Anchor renderRoot={(props) => <Link {...props} to="/help/$page" params={{ page: before.id }} />}>
          {t("before", { title: before.title })}
        </Anchor>
      )}
      {after === undefined ? null : (
        <Anchor renderRoot={(props) => <Link {...props} to="/help/$page" params={{ page: after.id }} />}>
          {t("after", { title: after.title })}
        </Anchor>
      )}
    </nav>
  )
}
