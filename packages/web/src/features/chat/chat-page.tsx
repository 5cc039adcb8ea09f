// A conversation, or the beginning of one: thread, composer, and beside them what the model is told.
import { Anchor, Box, Center, Group, Stack, Text, Title } from "@mantine/core"
import { useQueryClient } from "@tanstack/react-query"
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router"
import { lazy, Suspense, useEffect, useMemo, useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "../../api.ts"
import {
  refreshConversation,
  useChangeConversation,
  useConversation,
  useMessages,
} from "../../conversations/use-conversations.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { showError } from "../../ui/show-error.tsx"
import { ChatBar } from "./chat-bar.tsx"
import classes from "./chat-page.module.css"
import { Composer } from "./composer.tsx"
import { contextParts } from "./context-parts.ts"
import { contextUse } from "./context-use.ts"
import { useDraft } from "./drafts.ts"
import { shownPath } from "./message-tree.ts"
import { takeTurn, useFailures, useRunningAnswers } from "./running-answers.ts"
import { Thread } from "./thread.tsx"
import { firstModel, useModelChoice } from "./use-model-choice.ts"

// Not needed to begin, so they come when they are.
const ContextOffers = lazy(() =>
  import("./context-offers.tsx").then(({ ContextOffers: component }) => ({ default: component })),
)
const Inspector = lazy(() =>
  import("./inspector.tsx").then(({ Inspector: component }) => ({ default: component })),
)

const NEW = "new"

export function ChatPage() {
  const { t } = useTranslation("chat")
  const { id } = useParams({ strict: false })
  const { branch } = useSearch({ strict: false }) as { branch?: string }
  const navigate = useNavigate()
  const queries = useQueryClient()
  const conversation = useConversation(id)
  const messages = useMessages(id)
  const running = useRunningAnswers(({ byConversation }) =>
    id === undefined ? undefined : byConversation[id],
  )
  const failure = useFailures(({ byConversation }) => (id === undefined ? undefined : byConversation[id]))
  const [draft, changeDraft] = useDraft(id ?? NEW)
  const [isInspecting, setInspecting] = useState(false)
  const choice = useModelChoice(
    id === undefined ? draft.model : (conversation.data?.model ?? ""),
    conversation.data?.contextLength ?? undefined,
  )
  // Not with every key that is typed.
  const path = useMemo(() => shownPath(messages.data ?? [], branch), [messages.data, branch])
  const shown = path.map(({ stored }) => stored)
  const change = useChangeConversation()
  const shortened = conversation.data?.shortened ?? null
  const use = contextUse(shown, choice.contextLength, shortened)
  const filling = contextParts({
    path: shown,
    usedTokens: use?.usedTokens,
    contextLength: choice.contextLength,
    system: conversation.data?.system ?? "",
    shortened,
    draft: draft.text,
  })

  useEffect(() => {
    if (choice.isMissing) void navigate({ to: "/welcome" })
  }, [choice.isMissing, navigate])

  const showBranch = (through: string | undefined) => {
    if (id === undefined) return
    void navigate({
      to: "/c/$id",
      params: { id },
      search: (through === undefined ? {} : { branch: through }) as never,
    })
  }
  const answer = async (conversationId: string, turn: { content?: string; parentId?: string | null }) => {
    const { content, parentId } = turn
    const model = choice.model === "" ? await firstModel(queries) : choice.model
    return takeTurn(conversationId, {
      question: content,
      parentId,
      ask: (signal) =>
        api.conversations.chat(conversationId, { ...turn, ...(model === "" ? {} : { model }) }, signal),
      async onEnd() {
        await refreshConversation(queries, conversationId)
        // Now that it is loaded, its context is known, and so how full it is.
        if (choice.contextLength === undefined) await queries.invalidateQueries({ queryKey: ["running"] })
      },
    })
  }
  const send = async (content: string) => {
    if (id === undefined) {
      const model = choice.model === "" ? await firstModel(queries) : choice.model
      const created = await api.conversations.create(model === "" ? {} : { model })
      changeDraft({ text: "" })
      await navigate({ to: "/c/$id", params: { id: created.id } })
      await answer(created.id, { content })
      // A name by the model itself; what the user named meanwhile stays.
      void api.conversations
        .title(created.id)
        .then(() => refreshConversation(queries, created.id))
        .catch(() => undefined)
      return
    }
    changeDraft({ text: "" })
    const last = path.at(-1)?.stored.id
    showBranch(undefined)
    await answer(id, { content, ...(last === undefined ? {} : { parentId: last }) })
  }
  const editQuestion = async (messageId: string, content: string) => {
    if (id === undefined) return
    const edited = messages.data?.find((it) => it.id === messageId)
    showBranch(undefined)
    await answer(id, { content, parentId: edited?.parentId ?? null })
  }
  const answerQuestion = async (questionId: string) => {
    if (id !== undefined) await answer(id, { parentId: questionId })
  }
  const answerAgain = async (answerId: string) => {
    if (id === undefined) return
    const again = messages.data?.find((it) => it.id === answerId)
    if (again?.parentId === undefined || again.parentId === null) return
    showBranch(undefined)
    await answer(id, { parentId: again.parentId })
  }

  const goOn = async (answerId: string) => {
    if (id === undefined) return
    const begun = messages.data?.find((it) => it.id === answerId)
    if (begun?.parentId === undefined) return
    showBranch(undefined)
    await takeTurn(id, {
      parentId: begun.parentId,
      begun: begun.message.content,
      ask: (signal) => api.conversations.chat(id, { continueFrom: answerId }, signal),
      onEnd: () => refreshConversation(queries, id),
    })
  }

  const isEmpty =
    id === undefined ||
    (messages.isSuccess && path.length === 0 && running === undefined && failure === undefined)
  return (
    <Group gap={0} h="100%" wrap="nowrap" align="stretch">
      <Stack gap={0} className={classes.conversation}>
        <ChatBar
          title={conversation.data?.title}
          choice={choice}
          onChoose={(model) => {
            if (id === undefined) changeDraft({ model })
            else void api.conversations.change(id, { model }).then(() => refreshConversation(queries, id))
          }}
          use={use}
          filling={filling}
          contextLength={choice.contextLength}
          tags={conversation.data?.tags}
          isInspecting={isInspecting}
          onInspect={() => setInspecting((before) => !before)}
        />
        {messages.error !== null && id !== undefined ? (
          <Center className={classes.middle}>
            <ErrorCard error={messages.error} onRetry={() => void messages.refetch()} />
          </Center>
        ) : isEmpty ? (
          <Center className={classes.middle}>
            <Stack align="center" gap="xs" p="md" ta="center">
              <Title order={1} size="h2">
                {t("begin.title")}
              </Title>
              <Text c="dimmed" maw="48ch">
                {choice.isAway
                  ? t("begin.away")
                  : choice.model === ""
                    ? t("begin.noModel")
                    : t("begin.text", { model: choice.model })}
              </Text>
              <Anchor component={Link} to="/temporary">
                {t("begin.temporary")}
              </Anchor>
              {choice.isSettled && choice.models.length === 0 ? (
                <Anchor component={Link} to="/welcome">
                  {t("begin.getModel")}
                </Anchor>
              ) : null}
            </Stack>
          </Center>
        ) : (
          <Thread
            key={id}
            conversationId={id}
            path={path}
            isPending={messages.isPending}
            running={running}
            failure={failure}
            onVersion={showBranch}
            onEdit={editQuestion}
            onAgain={answerAgain}
            onAnswer={answerQuestion}
            onContinue={goOn}
            cut={
              shortened === null || id === undefined
                ? undefined
                : {
                    ...shortened,
                    onUndo: () => change.mutate({ id, change: { shortened: null } }, { onError: showError }),
                  }
            }
          />
        )}
        <Box className={classes.composer}>
          {use?.isNearlyFull === true &&
          conversation.data !== undefined &&
          choice.contextLength !== undefined ? (
            <Suspense>
              <ContextOffers
                {...{ conversation: conversation.data, model: choice.model, messages: shown, use }}
                contextLength={choice.contextLength}
                isBusy={running !== undefined}
              />
            </Suspense>
          ) : null}
          <Composer
            text={draft.text}
            onText={(text) => changeDraft({ text })}
            onSend={send}
            onStop={running?.stop}
          />
        </Box>
      </Stack>
      {isInspecting ? (
        <Suspense>
          <Inspector
            conversation={conversation.data}
            model={choice.model}
            path={path}
            draft={draft.text}
            onClose={() => setInspecting(false)}
          />
        </Suspense>
      ) : null}
    </Group>
  )
}
