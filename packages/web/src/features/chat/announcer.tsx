import { useEffect, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { usePreferences } from "../../preferences.ts"
import { newSentences } from "./new-sentences.ts"
import { useAnswerStates } from "./running-answers.ts"

/** Says an answer to screen readers, sentence by sentence, and when it is over. */
export function Announcer({ conversationId }: { readonly conversationId: string }) {
  const { t } = useTranslation("chat")
  const answer = useAnswerStates(({ byConversation }) => byConversation[conversationId])
  const { announcements } = usePreferences()
  const said = useRef(0)
  const [words, setWords] = useState("")
  useEffect(() => {
    if (answer === undefined) {
      if (said.current > 0) setWords(t("announce.done"))
      said.current = 0
      return
    }
    const { text, upTo } = newSentences(answer.text, said.current)
    if (text === "") return
    said.current = upTo
    setWords(text)
  }, [answer, t])
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {announcements ? words : ""}
    </div>
  )
}
