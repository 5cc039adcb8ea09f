import { Text } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import classes from "./guide-contents.module.css"
import type { GuidePage } from "./guide-pages.ts"

/** The id of the page that is made here, in the reader's language. */
export const GLOSSARY_PAGE = "glossary"

const GROUPS = ["guide", "reference"] as const satisfies readonly GuidePage["group"][]

/** Every page that there is. */
export function GuideContents({ pages }: { readonly pages: readonly GuidePage[] }) {
  const { t } = useTranslation("help")
  return (
    <nav aria-label={t("contents")} className={classes.contents}>
      {GROUPS.map((group) => (
        <div key={group}>
          <Text size="sm" c="dimmed" fw={600} px={10} pb={4}>
            {t(`groups.${group}`)}
          </Text>
          <ul>
            {pages
              .filter((page) => page.group === group)
              .map(({ id, title, language }) => (
                <PageLink key={id} id={id} title={title} language={language} />
              ))}
            {group === "reference" ? <PageLink id={GLOSSARY_PAGE} title={t("glossary")} /> : null}
          </ul>
        </div>
      ))}
    </nav>
  )
}

interface PageLinkProps {
  readonly id: string
  readonly title: string
  /** Defaults to the page's. */
  readonly language?: string
}

function PageLink({ id, title, language }: PageLinkProps) {
  return (
    <li>
      <Link
        to="/help/$page"
        params={{ page: id }}
        className={classes.link}
        activeOptions={{ includeHash: false }}
        activeProps={{ "aria-current": "page" }}
        lang={language}
      >
        {title}
      </Link>
    </li>
  )
}
