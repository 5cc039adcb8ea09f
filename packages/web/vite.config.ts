// Builds the page into `dist/web` of the repository. Everything it needs is in there: nothing is loaded from anywhere else.
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

const FORMULA_READER = "hast-util-from-html-isomorphic"

const here = dirname(fileURLToPath(import.meta.url))

export default defineConfig({
  root: here,
  plugins: [react()],
  resolve: {
    alias: {
      // Formulas are drawn as a string with styles in it, then read. In a browser the reader would take the string for markup of the
      // page, whose policy refuses such styles; the other form of it makes a tree and nothing else.
      [FORMULA_READER]: fileURLToPath(import.meta.resolve(FORMULA_READER)),
    },
  },
  build: {
    outDir: join(here, "..", "..", "dist", "web"),
    emptyOutDir: true,
    // A `data:` address in a style sheet would be one more thing for the content security policy.
    assetsInlineLimit: 0,
    manifest: true,
    // What every screen needs comes in one file: as 65 files of shared pieces a first visit took half a second longer.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "page", tags: ["$initial"] }] } } },
    target: "es2023",
    // Browsers that know `light-dark()` themselves: rewritten it would not follow the theme.
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
  },
  server: { proxy: { "/api": "http://127.0.0.1:3473" } },
})
