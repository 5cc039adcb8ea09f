/** Languages of the page, by their own names. */
export const LANGUAGES = {
  en: { name: "English", direction: "ltr" },
  de: { name: "Deutsch", direction: "ltr" },
  fr: { name: "Français", direction: "ltr" },
  es: { name: "Español", direction: "ltr" },
  zh: { name: "中文", direction: "ltr" },
  ar: { name: "العربية", direction: "rtl" },
} as const

export type Language = keyof typeof LANGUAGES

/** The first of the wanted languages that there is; English otherwise. */
export function chooseLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const [language = ""] = tag.toLowerCase().split("-")
    if (isLanguage(language)) return language
  }
  return "en"
}

export function isLanguage(text: string): text is Language {
  return Object.hasOwn(LANGUAGES, text)
}
