// A diagram, drawn where somebody asks for it. It becomes a picture: what is in it cannot run, be clicked or ask for anything.
import { Text, useComputedColorScheme } from "@mantine/core"
import mermaid from "mermaid"
import { useEffect, useId, useState } from "react"
import { useTranslation } from "react-i18next"
import classes from "./markdown.module.css"

type Drawn =
  | { readonly type: "drawing" }
  | { readonly type: "drawn"; readonly url: string }
  | { readonly type: "failed"; readonly message: string }

export function Diagram({ source }: { readonly source: string }) {
  const { t } = useTranslation("chat")
  const id = `diagram${useId().replace(/\W/g, "")}`
  const colours = useComputedColorScheme("light")
  const [drawn, setDrawn] = useState<Drawn>({ type: "drawing" })
  useEffect(() => {
    let url: string | undefined
    let isGone = false
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: "strict",
      htmlLabels: false,
      flowchart: { htmlLabels: false },
      theme: colours === "dark" ? "dark" : "neutral",
    })
    mermaid.render(id, source).then(
      ({ svg }) => {
        if (isGone) return
        url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }))
        setDrawn({ type: "drawn", url })
      },
      (error: unknown) => {
        if (!isGone)
          setDrawn({ type: "failed", message: error instanceof Error ? error.message : String(error) })
      },
    )
    return () => {
      isGone = true
      if (url !== undefined) URL.revokeObjectURL(url)
    }
  }, [id, source, colours])
  if (drawn.type === "failed")
    return (
      <Text size="sm" p="sm" c="red" role="alert">
        {t("diagram.failed", { message: drawn.message })}
      </Text>
    )
  return (
    <div className={classes.diagram}>
      {drawn.type === "drawn" ? <img src={drawn.url} alt={t("diagram.alt", { source })} /> : null}
    </div>
  )
}
