import type { StoredMessage } from "@fireside/protocol"
import { ActionIcon, Badge, Button, Group, Menu, Text } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { Icon } from "../../ui/icon.tsx"
import classes from "./chat-bar.module.css"
import { ContextBar } from "./context-bar.tsx"
import type { ModelChoice } from "./use-model-choice.ts"

export interface ChatBarProps {
  readonly title: string | undefined
  readonly choice: ModelChoice
  readonly onChoose: (model: string) => void
  /** Undefined: there is nothing to inspect. */
  readonly isInspecting?: boolean
  readonly onInspect?: () => void
  /** Of the path that is shown. */
  readonly messages: readonly StoredMessage[]
}

export function ChatBar({ title, choice, onChoose, isInspecting, onInspect, messages }: ChatBarProps) {
  const { t } = useTranslation("chat")
  return (
    <Group className={classes.bar} justify="space-between" wrap="nowrap" px="md">
      <Menu position="bottom-start">
        <Menu.Target>
          <Button
            variant="subtle"
            color="gray"
            size="compact-md"
            className={classes.model}
            aria-label={t("chooseModel", { model: choice.model })}
          >
            {choice.model === "" ? t("noModel") : choice.model}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={360} className={classes.models}>
          {choice.models.map(({ name, parameters }) => (
            <Menu.Item key={name} onClick={() => onChoose(name)} aria-current={name === choice.model}>
              <Group justify="space-between" gap="md" wrap="nowrap">
                <Text size="sm">{name}</Text>
                <Group gap={6} wrap="nowrap">
                  {choice.loaded.has(name) ? (
                    <Badge size="xs" variant="light">
                      {t("inMemory")}
                    </Badge>
                  ) : null}
                  <Text size="xs" c="dimmed">
                    {parameters}
                  </Text>
                </Group>
              </Group>
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item component={Link} to="/models">
            {t("moreModels")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {title === undefined ? null : (
        <Text size="sm" c="dimmed" className={classes.title} component="h1">
          {title}
        </Text>
      )}
      <ContextBar messages={messages} contextLength={choice.contextLength} />
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
