import { ActionIcon, Badge, Group, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { Icon } from "../../ui/icon.tsx"
import classes from "./chat-bar.module.css"
import { ContextBar, type ContextBarProps } from "./context-bar.tsx"
import type { ContextUse } from "./context-use.ts"
import { ModelPicker } from "./model-picker.tsx"
import type { ModelChoice } from "./use-model-choice.ts"

export interface ChatBarProps {
  readonly title: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly choice: ModelChoice
  readonly onChoose: (model: string) => void
  /** Undefined: there is nothing to inspect. */
  readonly isInspecting?: boolean
  readonly onInspect?: () => void
  /** Of the path that is shown; undefined: it is not known yet. */
  readonly use: ContextUse | undefined
  readonly filling: ContextBarProps["filling"]
  readonly contextLength: number | undefined
}

export function ChatBar(props: ChatBarProps) {
  const { title, tags = [], choice, onChoose, isInspecting, onInspect, use, filling, contextLength } = props
  const { t } = useTranslation("chat")
  return (
    <Group className={classes.bar} justify="space-between" wrap="nowrap" px="md">
      <ModelPicker choice={choice} onChoose={onChoose} />
      {title === undefined ? null : (
        <Group gap={6} wrap="nowrap" className={classes.named}>
          <Text size="sm" c="dimmed" className={classes.title} component="h1">
            {title}
          </Text>
          {tags.map((tag) => (
            <Badge key={tag} size="sm" variant="light" color="gray" tt="none" visibleFrom="sm">
              {tag}
            </Badge>
          ))}
        </Group>
      )}
      <ContextBar use={use} filling={filling} contextLength={contextLength} />
      {onInspect === undefined ? null : (
        <ActionIcon
          variant={isInspecting === true ? "light" : "subtle"}
          color="gray"
          aria-label={t("inspector.open")}
          aria-pressed={isInspecting === true}
          onClick={onInspect}
        >
          <Icon name="panel" />
        </ActionIcon>
      )}
    </Group>
  )
}
