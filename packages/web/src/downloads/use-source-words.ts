import { useTranslation } from "react-i18next"
import { type SourceName, sourceNamesOf } from "./source-name.ts"

/** `Hugging Face (huggingface.co), or your pip (pypi.org unless you set another)`. */
export function useSourceWords(references: readonly string[]): string {
  const { t } = useTranslation("downloads")
  const words = ({ kind, host }: SourceName): string => t(`source.${kind}`, { host })
  return sourceNamesOf(references).map(words).join(t("source.or"))
}
