// Texts that are used again and again: kept under a name, put in, changed, removed and brought back.
import type { StoredPrompt } from "@fireside/protocol"
import { PROMPT_LIMITS } from "@fireside/protocol"
import { ActionIcon, Button, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { usePromptChanges, usePrompts } from "../../queries/prompts.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { Icon } from "../../ui/icon.tsx"
import { offerUndo } from "../../ui/offer-undo.tsx"
import { showError } from "../../ui/show-error.tsx"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import classes from "./prompt-library.module.css"

export interface PromptLibraryProps {
  /** What can be kept: the text that is being written. */
  readonly text: string
  readonly onPick: (text: string) => void
  readonly onClose: () => void
}

interface Edited {
  /** Undefined: a new one. */
  readonly id?: string
  readonly name: string
  readonly text: string
}

export function PromptLibrary({ text, onPick, onClose }: PromptLibraryProps) {
  const { t } = useTranslation("chat")
  const { data, error, isPending, refetch } = usePrompts()
  const [edited, setEdited] = useState<Edited>()
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t("prompts.title")}
      closeButtonProps={{ "aria-label": t("prompts.close") }}
    >
      {edited !== undefined ? (
        <PromptForm start={edited} onEnd={() => setEdited(undefined)} />
      ) : (
        <Stack gap="sm">
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              {t("prompts.text")}
            </Text>
            <Button size="xs" variant="default" onClick={() => setEdited({ name: "", text })}>
              {t(text.trim() === "" ? "prompts.new" : "prompts.keep")}
            </Button>
          </Group>
          {error !== null ? (
            <ErrorCard error={error} onRetry={() => void refetch()} />
          ) : isPending ? (
            <SkeletonList rows={3} height={36} />
          ) : data.length === 0 ? (
            <Text size="sm">{t("prompts.empty")}</Text>
          ) : (
            data.map((prompt) => (
              <PromptRow
                key={prompt.id}
                prompt={prompt}
                onEdit={() => setEdited(prompt)}
                onPick={() => {
                  onPick(prompt.text)
                  onClose()
                }}
              />
            ))
          )}
        </Stack>
      )}
    </Modal>
  )
}

interface PromptRowProps {
  readonly prompt: StoredPrompt
  readonly onPick: () => void
  readonly onEdit: () => void
}

function PromptRow({ prompt, onPick, onEdit }: PromptRowProps) {
  const { t } = useTranslation("chat")
  const discard = useRemoval()
  const { name, text } = prompt
  return (
    <Group justify="space-between" wrap="nowrap" gap="xs" className={classes.row}>
      <button
        type="button"
        className={classes.pick}
        aria-label={t("prompts.insert", { name })}
        onClick={onPick}
      >
        <Text size="sm" fw={500} truncate>
          {name}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {text}
        </Text>
      </button>
      <ActionIcon variant="subtle" color="gray" aria-label={t("prompts.edit", { name })} onClick={onEdit}>
        <Icon name="edit" size={16} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={t("prompts.remove", { name })}
        onClick={() => discard(prompt)}
      >
        <Icon name="trash" size={16} />
      </ActionIcon>
    </Group>
  )
}

function useRemoval(): (prompt: StoredPrompt) => void {
  const { t } = useTranslation("chat")
  const { create, remove } = usePromptChanges()
  return ({ id, name, text }) =>
    remove.mutate(id, {
      onError: showError,
      onSuccess: () =>
        offerUndo({
          message: t("prompts.removed", { name }),
          label: t("prompts.undo"),
          onUndo: () => create.mutate({ name, text }, { onError: showError }),
        }),
    })
}

function PromptForm({ start, onEnd }: { readonly start: Edited; readonly onEnd: () => void }) {
  const { t } = useTranslation("chat")
  const [name, setName] = useState(start.name)
  const [text, setText] = useState(start.text)
  const { create, change } = usePromptChanges()
  const error = create.error ?? change.error
  const isWhole = name.trim() !== "" && text.trim() !== ""
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (!isWhole) return
        const end = { onSuccess: onEnd }
        if (start.id === undefined) create.mutate({ name, text }, end)
        else change.mutate({ id: start.id, name, text }, end)
      }}
    >
      <Stack gap="sm">
        <TextInput
          label={t("prompts.name")}
          maxLength={PROMPT_LIMITS.nameLength}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Textarea
          label={t("prompts.content")}
          autosize
          minRows={4}
          maxRows={14}
          maxLength={PROMPT_LIMITS.textLength}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {error === null ? null : <ErrorCard error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onEnd}>
            {t("prompts.back")}
          </Button>
          <Button type="submit" disabled={!isWhole} loading={create.isPending || change.isPending}>
            {t("prompts.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
