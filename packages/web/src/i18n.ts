// The page's texts. English is there from the start; other languages come when they are chosen.
import i18next from "i18next"
import { initReactI18next } from "react-i18next"
import { chooseLanguage, isLanguage, LANGUAGES, type Language } from "./languages.ts"
import { isolate } from "./ui/join-facts.ts"

type Texts = Record<string, unknown>

const english = import.meta.glob<Texts>("./locales/en/*.json", { eager: true, import: "default" })
const others = import.meta.glob<Texts>(["./locales/*/*.json", "!./locales/en/*.json"], { import: "default" })

/** `wanted`: a language by name; empty: the browser's. */
export async function startTexts(wanted: string): Promise<void> {
  const language = languageOf(wanted)
  await i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    defaultNS: "shell",
    resources: { en: byNamespace(english) },
    // React escapes markup by itself. What stands in a right-to-left sentence keeps its own order.
    interpolation: { escapeValue: true, escape: (value) => (isRightToLeft() ? isolate(value) : value) },
  })
  await changeLanguage(language)
}

export async function changeLanguage(wanted: string): Promise<void> {
  const language = languageOf(wanted)
  await Promise.all(
    Object.entries(others).map(async ([path, load]) => {
      const namespace = namespaceOf(path)
      if (!path.includes(`/${language}/`) || i18next.hasResourceBundle(language, namespace)) return
      i18next.addResourceBundle(language, namespace, await load())
    }),
  )
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
  document.documentElement.dir = LANGUAGES[language].direction
}

function isRightToLeft(): boolean {
  return isLanguage(i18next.language) && LANGUAGES[i18next.language].direction === "rtl"
}

function languageOf(wanted: string): Language {
  return isLanguage(wanted) ? wanted : chooseLanguage(navigator.languages)
}

function byNamespace(files: Record<string, Texts>): Record<string, Texts> {
  return Object.fromEntries(Object.entries(files).map(([path, texts]) => [namespaceOf(path), texts]))
}

/** `./locales/en/chat.json` → `chat`. */
function namespaceOf(path: string): string {
  return path.replace(/^.*\//, "").replace(/\.json$/, "")
}
