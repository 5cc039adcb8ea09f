// Where the user writes. Files dropped or pasted become text of the message, each in a fence with its name.
import { ActionIcon, Group, Text, Textarea } from "@mantine/core"
import { lazy, Suspense, useEffect, useRef, useState } from "react"
import { useTranslation } from "react-i18next"
import { usePreferences } from "../../preferences.ts"
import { useServerWords } from "../../server-words.ts"
import { Icon } from "../../ui/icon.tsx"
import { withAttachments } from "./attachments.ts"
import classes from "./composer.module.css"
import { SLASH_MENU_ID, SlashMenu, slashOptionId } from "./slash-menu.tsx"
import { type OpenSlashMenu, useSlashMenu } from "./use-slash-menu.ts"

const PromptLibrary = lazy(() =>
  import("./prompt-library.tsx").then(({ PromptLibrary: component }) => ({ default: component })),
)

/** So long a message waits for the answer before it to end. */
const MOMENT_MS = 1_000

export interface ComposerProps {
  readonly text: string
  readonly onText: (text: string) => void
  readonly onSend: (text: string) => Promise<void>
  /** Undefined: nothing is being written. */
  readonly onStop: (() => void) | undefined
}

export function Composer({ text, onText, onSend, onStop }: ComposerProps) {
  const { t } = useTranslation("chat")
  const { enterSends } = usePreferences()
  const field = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const [problem, setProblem] = useState("")
  const words = useServerWords()
  const [isPicking, setPicking] = useState(false)
  const slash = useSlashMenu(text, (prompt) => onText(prompt.text))

  useEffect(() => field.current?.focus(), [])
  useEffect(() => {
    if (onStop === undefined) return
    const stopOnEscape = (event: KeyboardEvent) => {
      if (event.key === "Escape" || (event.key === "." && (event.ctrlKey || event.metaKey))) onStop()
    }
    window.addEventListener("keydown", stopOnEscape)
    return () => window.removeEventListener("keydown", stopOnEscape)
  }, [onStop])

  const isFree = onStop === undefined
  const wantedAtMs = useRef(Number.NEGATIVE_INFINITY)
  const send = () => {
    if (text.trim() === "") return
    if (!isFree) {
      wantedAtMs.current = performance.now()
      return
    }
    setProblem("")
    onSend(text).catch((error: unknown) => setProblem(words.error(error).message))
  }
  // After its last word an answer is put away: who sends in that moment is not to press again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was wanted is done once, when it can be
  useEffect(() => {
    if (isFree && performance.now() - wantedAtMs.current < MOMENT_MS) send()
  }, [isFree])
  const attach = async (files: readonly File[]) => {
    const { text: attached, refused } = await withAttachments(text, files)
    if (refused !== undefined) setProblem(t(`attachment.${refused.reason}`, { name: refused.name }))
    if (attached !== text) onText(attached)
  }
  return (
    <>
      <form
        className={classes.composer}
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault()
          void attach([...event.dataTransfer.files])
        }}
      >
        {slash.open === undefined ? null : (
          <SlashMenu {...slash.open} onPick={(prompt) => onText(prompt.text)} />
        )}
        <Textarea
          ref={field}
          {...fieldOf(slash.open)}
          data-region="composer"
          autosize
          minRows={1}
          maxRows={14}
          value={text}
          onChange={(event) => onText(event.currentTarget.value)}
          placeholder={t("composer.placeholder")}
          aria-label={t("composer.label")}
          classNames={{ input: classes.input }}
          onPaste={(event) => {
            const files = [...event.clipboardData.files]
            if (files.length === 0) return
            event.preventDefault()
            void attach(files)
          }}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return
            if (slash.onKey(event)) {
              event.preventDefault()
              // Escape closes the menu and stops no answer.
              event.stopPropagation()
              return
            }
            if (event.key === "Enter" && event.shiftKey !== enterSends) {
              event.preventDefault()
              send()
            }
            // As in a terminal: ↑ brings the last thing back.
            if (event.key === "ArrowUp" && text === "") {
              event.preventDefault()
              editLastQuestion()
            }
          }}
        />
        <Group justify="space-between" gap="xs" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("composer.attach")}
              onClick={() => picker.current?.click()}
            >
              <Icon name="file" />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("prompts.open")}
              onClick={() => setPicking(true)}
            >
              <Icon name="bookmark" />
            </ActionIcon>
            <input
              ref={picker}
              type="file"
              multiple
              hidden
              onChange={(event) => {
                void attach([...(event.currentTarget.files ?? [])])
                event.currentTarget.value = ""
              }}
            />
            <Text size="xs" c={problem === "" ? "dimmed" : "red"} role={problem === "" ? undefined : "alert"}>
              {problem === "" ? t(enterSends ? "composer.enterSends" : "composer.shiftEnterSends") : problem}
            </Text>
          </Group>
          {onStop === undefined ? (
            <ActionIcon
              type="submit"
              size="lg"
              radius="xl"
              aria-label={t("composer.send")}
              disabled={text.trim() === ""}
            >
              <Icon name="send" />
            </ActionIcon>
          ) : (
            <ActionIcon
              type="button"
              size="lg"
              radius="xl"
              color="gray"
              aria-label={t("composer.stop")}
              onClick={onStop}
            >
              <Icon name="stop" />
            </ActionIcon>
          )}
        </Group>
      </form>
      {/* Not in the form: what is submitted in it would be sent. */}
      {isPicking ? (
        <Suspense>
          <PromptLibrary
            text={text}
            onPick={(picked) => onText(text.trim() === "" ? picked : `${text}\n\n${picked}`)}
            onClose={() => setPicking(false)}
          />
        </Suspense>
      ) : null}
    </>
  )
}

/** How the field is told to those who do not see the menu. */
function fieldOf(open: OpenSlashMenu | undefined) {
  if (open === undefined) return {}
  return {
    "aria-controls": SLASH_MENU_ID,
    "aria-activedescendant": slashOptionId(open.chosen),
    "aria-autocomplete": "list",
  } as const
}

function editLastQuestion(): void {
  const buttons = document.querySelectorAll<HTMLElement>("[data-edit-question]")
  buttons[buttons.length - 1]?.click()
}
