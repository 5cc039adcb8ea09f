// The pages that can be read in the product: the very files of `docs/`, put in at build time. Which ones, and in which order. English is
// there with the screen; another language comes when it is read.
/// <reference types="vite/client" />
import type { Language } from "../../languages.ts"
import { titleOf } from "./guide-sections.ts"

export interface GuidePage {
  /** In the address: `/help/models`. */
  readonly id: string
  readonly group: "guide" | "reference"
  /** Of its text. */
  readonly language: Language
  readonly title: string
  /** Markdown, with its title. */
  readonly text: string
}

const texts = import.meta.glob<string>(
  [
    "../../../../../docs/guide/*.md",
    "../../../../../docs/reference/{cli,settings,errors}.md",
    "../../../../../SECURITY.md",
  ],
  { eager: true, query: "?raw", import: "default" },
)

const translations = import.meta.glob<string>("../../../../../docs/guide/*/*.md", {
  query: "?raw",
  import: "default",
})

/** Made by the e2e run; a page is complete without them. */
const images = import.meta.glob<string>("../../../../../docs/guide/images/*-light.png", {
  eager: true,
  query: "?url",
  import: "default",
})

const ORDER: readonly (readonly [id: string, group: GuidePage["group"]])[] = [
  ["first-steps", "guide"],
  ["models", "guide"],
  ["chatting-well", "guide"],
  ["parameters", "guide"],
  ["own-programs", "guide"],
  ["privacy", "guide"],
  ["trouble", "guide"],
  ["cli", "reference"],
  ["settings", "reference"],
  ["errors", "reference"],
  ["security", "reference"],
]

export const GUIDE_PAGES: readonly GuidePage[] = ORDER.flatMap(([id, group]) => {
  const text = byName(texts, `${id}.md`)
  return text === undefined ? [] : [pageOf({ id, group, language: "en", text })]
})

/** Every page, in English where the language has none. */
export async function loadGuide(language: Language): Promise<readonly GuidePage[]> {
  return await Promise.all(
    GUIDE_PAGES.map(async (page) => {
      const load = byName(translations, `guide/${language}/${page.id}.md`)
      return load === undefined ? page : pageOf({ ...page, language, text: await load() })
    }),
  )
}

export function findGuidePage(id: string, pages = GUIDE_PAGES): GuidePage | undefined {
  return pages.find((page) => page.id === id)
}

function pageOf(page: Omit<GuidePage, "title">): GuidePage {
  return { ...page, title: titleOf(page.text) }
}

/** The address of a picture in the bundle, by the path that a page gives it; undefined where the build had none. */
export function findGuideImage(path: string): string | undefined {
  return byName(images, path.replace(/^.*\//, ""))
}

function byName<File>(files: Record<string, File>, name: string): File | undefined {
  return Object.entries(files).find(([path]) => path.toLowerCase().endsWith(`/${name}`))?.[1]
}
