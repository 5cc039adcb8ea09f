// Kept prompts that fit what was typed after a slash. The field keeps the focus; it says which one is chosen.
import type { StoredPrompt } from "@fireside/protocol"
import { Paper, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import classes from "./slash-menu.module.css"

export const SLASH_MENU_ID = "slash-menu"
export const slashOptionId = (index: number): string => `${SLASH_MENU_ID}-${index}`

export interface SlashMenuProps {
  readonly matches: readonly StoredPrompt[]
  readonly chosen: number
  readonly onPick: (prompt: StoredPrompt) => void
}

export function SlashMenu({ matches, chosen, onPick }: SlashMenuProps) {
  const { t } = useTranslation("chat")
  return (
    <Paper
      id={SLASH_MENU_ID}
      className={classes.menu}
      role="listbox"
      aria-label={t("prompts.title")}
      shadow="md"
      withBorder
      p={4}
    >
      {matches.map((prompt, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the chosen option
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field hears the keys
        <div
          key={prompt.id}
          id={slashOptionId(index)}
          role="option"
          aria-selected={index === chosen}
          className={classes.option}
          // The focus would leave the field.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onPick(prompt)}
        >
          <Text size="sm" fw={500} truncate>
            {prompt.name}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {prompt.text}
          </Text>
        </div>
      ))}
    </Paper>
  )
}
