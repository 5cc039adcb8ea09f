// Paper is white: while the page is printed it has the light colours, whatever the screen shows.

const ATTRIBUTE = "data-mantine-color-scheme"

/** Returns what ends it. */
export function keepPaperLight(): () => void {
  const printing = matchMedia("print")
  const root = document.documentElement
  let onScreen: string | null = null
  const change = (): void => {
    if (printing.matches) {
      onScreen = root.getAttribute(ATTRIBUTE)
      root.setAttribute(ATTRIBUTE, "light")
    } else if (onScreen !== null) root.setAttribute(ATTRIBUTE, onScreen)
  }
  printing.addEventListener("change", change)
  return () => printing.removeEventListener("change", change)
}
