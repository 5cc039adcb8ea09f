// What the page itself left in the browser.

/** What holds nothing of what was said: how the page looks, and the key that lets this tab in. */
const KEPT: readonly string[] = ["fireside-preferences", "fireside-key"]

/** Drafts and whatever else the page remembers; how it looks stays. */
export function forgetBrowserData(stores: readonly Storage[]): void {
  for (const store of stores) {
    const names = Array.from({ length: store.length }, (_, index) => store.key(index))
    for (const name of names)
      if (name?.startsWith("fireside-") && !KEPT.includes(name)) store.removeItem(name)
  }
}
