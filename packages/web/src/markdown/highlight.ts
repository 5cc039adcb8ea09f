// Colours of code. Each language comes when it is first needed; what has none is shown without.
import type { HighlighterCore, LanguageInput, ThemedToken } from "shiki/core"

const LANGUAGES: Readonly<Record<string, () => Promise<{ default: LanguageInput }>>> = {
  bash: () => import("shiki/langs/bash.mjs"),
  c: () => import("shiki/langs/c.mjs"),
  cpp: () => import("shiki/langs/cpp.mjs"),
  csharp: () => import("shiki/langs/csharp.mjs"),
  css: () => import("shiki/langs/css.mjs"),
  diff: () => import("shiki/langs/diff.mjs"),
  docker: () => import("shiki/langs/docker.mjs"),
  go: () => import("shiki/langs/go.mjs"),
  html: () => import("shiki/langs/html.mjs"),
  java: () => import("shiki/langs/java.mjs"),
  javascript: () => import("shiki/langs/javascript.mjs"),
  json: () => import("shiki/langs/json.mjs"),
  jsx: () => import("shiki/langs/jsx.mjs"),
  kotlin: () => import("shiki/langs/kotlin.mjs"),
  markdown: () => import("shiki/langs/markdown.mjs"),
  php: () => import("shiki/langs/php.mjs"),
  python: () => import("shiki/langs/python.mjs"),
  ruby: () => import("shiki/langs/ruby.mjs"),
  rust: () => import("shiki/langs/rust.mjs"),
  sql: () => import("shiki/langs/sql.mjs"),
  swift: () => import("shiki/langs/swift.mjs"),
  toml: () => import("shiki/langs/toml.mjs"),
  tsx: () => import("shiki/langs/tsx.mjs"),
  typescript: () => import("shiki/langs/typescript.mjs"),
  xml: () => import("shiki/langs/xml.mjs"),
  yaml: () => import("shiki/langs/yaml.mjs"),
}

/** Other names that models give them. */
const ALIASES: Readonly<Record<string, string>> = {
  "c#": "csharp",
  "c++": "cpp",
  dockerfile: "docker",
  js: "javascript",
  md: "markdown",
  py: "python",
  rb: "ruby",
  rs: "rust",
  sh: "bash",
  shell: "bash",
  ts: "typescript",
  yml: "yaml",
  zsh: "bash",
}

/** Longer code stays plain: colouring it would hold up the page. */
const LONGEST_CHARACTERS = 50_000

let made: Promise<HighlighterCore> | undefined

/** Lines of tokens, each with its style. Undefined: shown without colours. */
export async function highlight(
  code: string,
  language: string,
): Promise<readonly (readonly ThemedToken[])[] | undefined> {
  const name = ALIASES[language.toLowerCase()] ?? language.toLowerCase()
  const load = Object.hasOwn(LANGUAGES, name) ? LANGUAGES[name] : undefined
  if (load === undefined || code.length > LONGEST_CHARACTERS) return undefined
  made ??= createHighlighter()
  const highlighter = await made
  if (!highlighter.getLoadedLanguages().includes(name)) await highlighter.loadLanguage((await load()).default)
  const themes = { light: "github-light-default", dark: "github-dark-default" }
  return highlighter.codeToTokens(code, { lang: name, themes, defaultColor: false }).tokens
}

/** The engine in JavaScript: the other one is WebAssembly, which the page's policy does not allow. */
async function createHighlighter(): Promise<HighlighterCore> {
  const [{ createHighlighterCore }, { createJavaScriptRegexEngine }, light, dark] = await Promise.all([
    import("shiki/core"),
    import("shiki/engine/javascript"),
    import("shiki/themes/github-light-default.mjs"),
    import("shiki/themes/github-dark-default.mjs"),
  ])
  return createHighlighterCore({
    themes: [light.default, dark.default],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  })
}
