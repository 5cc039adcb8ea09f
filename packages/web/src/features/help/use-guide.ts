import { type UseQueryResult, useQuery } from "@tanstack/react-query"
import { useTranslation } from "react-i18next"
import { isLanguage } from "../../languages.ts"
import { GUIDE_PAGES, type GuidePage, loadGuide } from "./guide-pages.ts"

/** The guide in the page's language. It is part of the page: it changes only with it, and is there without the network once it was read. */
export function useGuide(): UseQueryResult<readonly GuidePage[]> {
  const { language } = useTranslation().i18n
  const chosen = isLanguage(language) ? language : "en"
  return useQuery({
    queryKey: ["guide", chosen],
    queryFn: () => loadGuide(chosen),
    ...(chosen === "en" ? { initialData: GUIDE_PAGES } : {}),
    staleTime: Number.POSITIVE_INFINITY,
    networkMode: "always",
  })
}
