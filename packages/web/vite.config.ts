// Builds the page into `dist/web` of the repository. Everything it needs is in there: nothing is loaded from anywhere else.
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, "..", "..")

export default defineConfig({
  root: here,
  plugins: [react()],
  resolve: {
    alias: {
      // Its twin for browsers lets the document parse formulas: each style in them would be a refusal of the page's policy.
      "hast-util-from-html-isomorphic": join(
        root,
        "node_modules",
        "hast-util-from-html-isomorphic",
        "index.js",
      ),
    },
  },
  build: {
    outDir: join(root, "dist", "web"),
    emptyOutDir: true,
    // A `data:` address in a style sheet would be one more thing for the content security policy.
    assetsInlineLimit: 0,
    manifest: true,
    target: "es2023",
    // Browsers that know `light-dark()` themselves: rewritten it would not follow the theme.
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
  },
  server: { proxy: { "/api": "http://127.0.0.1:3473" } },
})
