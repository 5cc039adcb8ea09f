import { Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import classes from "./glossary.module.css"
import { GLOSSARY_TERMS } from "./glossary-terms.ts"

/** Every word that the page explains, by the alphabet of its reader. */
export function Glossary() {
  const { t, i18n } = useTranslation("help")
  const { t: explain } = useTranslation("glossary")
  const { compare } = new Intl.Collator(i18n.language)
  const entries = GLOSSARY_TERMS.map((id) => ({ id, name: t(`terms.${id}`), text: explain(id) }))
  return (
    <dl className={classes.list}>
      {entries
        .sort((a, b) => compare(a.name, b.name))
        .map(({ id, name, text }) => (
          <div key={id} id={id}>
            <Text component="dt" fw={600}>
              {name}
            </Text>
            <Text component="dd" m={0}>
              {text}
            </Text>
          </div>
        ))}
    </dl>
  )
}
