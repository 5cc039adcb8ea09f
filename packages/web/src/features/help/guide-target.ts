// Where a link of the guide leads, when it is followed in the product.

export type GuideTarget =
  /** Another page that can be read here. */
  | { readonly type: "page"; readonly page: string; readonly anchor: string }
  /** A place on the same page. */
  | { readonly type: "anchor"; readonly anchor: string }
  | { readonly type: "outside"; readonly url: string; readonly host: string }
  /** A file of the repository that is not in the product, or an address of another kind. */
  | { readonly type: "none" }

/** `pages`: ids of those that can be read here. */
export function guideTarget(href: string, pages: readonly string[]): GuideTarget {
  if (href.startsWith("#")) return { type: "anchor", anchor: href.slice(1) }
  if (/^https?:\/\//i.test(href)) {
    const url = URL.parse(href)
    return url === null ? { type: "none" } : { type: "outside", url: url.href, host: url.host }
  }
  const [, name, anchor = ""] = /^(?:[\w.-]+\/)*([\w-]+)\.md(?:#(.*))?$/.exec(href) ?? []
  const page = name?.toLowerCase()
  return page !== undefined && pages.includes(page) ? { type: "page", page, anchor } : { type: "none" }
}
