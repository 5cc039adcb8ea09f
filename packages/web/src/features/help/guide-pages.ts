// The pages that can be read in the product: the very files of `docs/`, put in at build time. Which ones, and in which order.
/// <reference types="vite/client" />
import { titleOf } from "./guide-sections.ts"

export interface GuidePage {
  /** In the address: `/help/models`. */
  readonly id: string
  readonly group: "guide" | "reference"
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
  return text === undefined ? [] : [{ id, group, title: titleOf(text), text }]
})

export function findGuidePage(id: string): GuidePage | undefined {
  return GUIDE_PAGES.find((page) => page.id === id)
}

/** The address of a picture in the bundle, by the path that a page gives it; undefined where the build had none. */
export function findGuideImage(path: string): string | undefined {
  return byName(images, path.replace(/^.*\//, ""))
}

function byName(files: Record<string, string>, name: string): string | undefined {
  return Object.entries(files).find(([path]) => path.toLowerCase().endsWith(`/${name}`))?.[1]
}
