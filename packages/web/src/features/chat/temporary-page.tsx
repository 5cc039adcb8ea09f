// A chat that leaves nothing: its messages are in this tab only, and the server stores none of them.
import type { Message, StoredMessage } from "@fireside/protocol"
import { Alert, Box, Stack } from "@mantine/core"
import { useQueryClient } from "@tanstack/react-query"
import { useEffect, useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "../../api.ts"
import { ChatBar } from "./chat-bar.tsx"
import classes from "./chat-page.module.css"
import { Composer } from "./composer.tsx"
import { contextParts } from "./context-parts.ts"
import { contextUse } from "./context-use.ts"
import { shownPath } from "./message-tree.ts"
import { takeTurn, useFailures, useRunningAnswers } from "./running-answers.ts"
import { toStored } from "./temporary-messages.ts"
import { Thread } from "./thread.tsx"
import { firstModel, useModelChoice } from "./use-model-choice.ts"

const ID = "temporary"

export function TemporaryPage() {
  const { t } = useTranslation("chat")
  const [messages, setMessages] = useState<readonly StoredMessage[]>([])
  const [branch, setBranch] = useState<string>()
  const [text, setText] = useState("")
  const queries = useQueryClient()
  const [chatId] = useState(() => crypto.randomUUID())
  const [wanted, setWanted] = useState("")
  const choice = useModelChoice(wanted)
  const running = useRunningAnswers(({ byConversation }) => byConversation[ID])
  const failure = useFailures(({ byConversation }) => byConversation[ID])
  const path = shownPath(messages, branch)

  useEffect(() => {
    // What was computed of it goes from the server's memory with it; it was never on disk. Nobody is there to be told of a failure, and then it
    // goes with the model.
    const end = () => {
      useRunningAnswers.getState().byConversation[ID]?.stop()
      void api.endTemporaryChat(chatId).catch(() => undefined)
    }
    window.addEventListener("pagehide", end)
    return () => {
      window.removeEventListener("pagehide", end)
      end()
    }
  }, [chatId])

  /** `before`: messages up to the question. */
  const answer = async (before: readonly StoredMessage[], question: StoredMessage) => {
    setBranch(undefined)
    const model = choice.model === "" ? await firstModel(queries) : choice.model
    return takeTurn(ID, {
      parentId: question.id,
      ask: (signal) =>
        api.chat(
          {
            model,
            temporary: chatId,
            messages: [...before, question].map((it): Message => it.message),
          },
          signal,
        ),
      onEnd: (given) => {
        if (given.text !== "" || given.reasoning !== "")
          setMessages((all) => [
            ...all,
            toStored({ role: "assistant", content: given.text }, question.id, given),
          ])
      },
    })
  }
  const ask = (content: string, before: readonly StoredMessage[]) => {
    const question = toStored({ role: "user", content }, before.at(-1)?.id ?? null)
    setMessages((all) => [...all, question])
    return answer(before, question)
  }
  const pathTo = (id: string) => {
    const at = path.findIndex(({ stored }) => stored.id === id)
    return path.slice(0, Math.max(0, at)).map(({ stored }) => stored)
  }
  const again = async (answerId: string) => {
    const before = pathTo(answerId)
    const question = before.at(-1)
    if (question !== undefined) await answer(before.slice(0, -1), question)
  }
  const shown = path.map(({ stored }) => stored)
  const { contextLength } = choice
  const use = contextUse(shown, contextLength)
  const filling = contextParts({
    path: shown,
    usedTokens: use?.usedTokens,
    contextLength,
    ...{ system: "", shortened: null, draft: text },
  })
  return (
    <Stack gap={0} h="100%">
      <ChatBar
        title={t("temporary.title")}
        choice={choice}
        onChoose={setWanted}
        use={use}
        filling={filling}
        contextLength={choice.contextLength}
      />
      <Box px="md" pt="xs">
        <Alert variant="light" color="gray" p="xs">
          {t("temporary.text")}
        </Alert>
      </Box>
      <Thread
        conversationId={ID}
        path={path}
        isPending={false}
        running={running}
        failure={failure}
        onVersion={setBranch}
        onEdit={(id, content) => ask(content, pathTo(id))}
        onAgain={again}
        onAnswer={async (questionId) => {
          const question = messages.find(({ id }) => id === questionId)
          if (question !== undefined) await answer(pathTo(questionId), question)
        }}
      />
      <Box className={classes.composer}>
        <Composer
          text={text}
          onText={setText}
          onSend={async (content) => {
            setText("")
            await ask(
              content,
              path.map(({ stored }) => stored),
            )
          }}
          onStop={running?.stop}
        />
      </Box>
    </Stack>
  )
}
