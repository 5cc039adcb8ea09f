// Every colour, size and distance of the page.
import { createTheme, type MantineColorsTuple } from "@mantine/core"

/** Ember orange; shade 7 has 4.5:1 on white, shade 4 on the dark ground. */
const ember: MantineColorsTuple = [
  "#fff4ec",
  "#ffe6d5",
  "#ffcba8",
  "#ffad76",
  "#fb8f4a",
  "#f2742a",
  "#dd5c12",
  "#b8480b",
  "#93390b",
  "#6f2b0a",
]

/** Greys with a warm tint, light to dark. */
const gray: MantineColorsTuple = [
  "#faf9f7",
  "#f3f1ee",
  "#e8e5e0",
  "#d8d4cd",
  "#bdb7ae",
  "#948d83",
  "#6b655c",
  "#514c45",
  "#383430",
  "#24211e",
]

const dark: MantineColorsTuple = [
  "#e9e5df",
  "#cfcac2",
  "#b0aaa1",
  "#8d877e",
  "#5b564f",
  "#423e39",
  "#332f2b",
  "#262320",
  "#1e1b19",
  "#161412",
]

export const theme = createTheme({
  colors: { ember, gray, dark },
  primaryColor: "ember",
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: 10,
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", "Noto Sans CJK SC", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace',
  headings: { fontWeight: "600" },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Modal: { defaultProps: { transitionProps: { duration: 120 } } },
    Drawer: { defaultProps: { transitionProps: { duration: 120 } } },
    Tooltip: { defaultProps: { openDelay: 300, transitionProps: { duration: 100 } } },
  },
})
