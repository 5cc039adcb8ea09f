import { Tooltip } from "@mantine/core"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"

/** A word that not everybody knows, with one sentence of the glossary that explains it. */
export function Term({ id, children }: { readonly id: string; readonly children: ReactNode }) {
  const { t } = useTranslation("glossary")
  return (
    <Tooltip label={t(id)} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
      <button type="button" className="term">
        {children}
      </button>
    </Tooltip>
  )
}
