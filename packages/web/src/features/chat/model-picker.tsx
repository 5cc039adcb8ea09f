// Who answers: personas first (a model with instructions and a way of answering of its own), then plain models.
import type { ModelSummary } from "@fireside/protocol"
import { Badge, Button, Group, Menu, Text } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import classes from "./chat-bar.module.css"
import type { ModelChoice } from "./use-model-choice.ts"

export interface ModelPickerProps {
  readonly choice: ModelChoice
  readonly onChoose: (model: string) => void
}

export function ModelPicker({ choice, onChoose }: ModelPickerProps) {
  const { t } = useTranslation("chat")
  const personas = choice.models.filter(({ persona }) => persona === true)
  const plain = choice.models.filter(({ persona }) => persona !== true)
  const item = (model: ModelSummary) => (
    <ModelItem
      key={model.name}
      model={model}
      isChosen={model.name === choice.model}
      isLoaded={choice.loaded.has(model.name)}
      onChoose={() => onChoose(model.name)}
    />
  )
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-md"
          className={classes.picker}
          aria-label={t("chooseModel", { model: choice.model })}
        >
          {choice.model === "" ? t("noModel") : choice.model}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={360} className={classes.models}>
        {personas.length === 0 ? null : (
          <>
            <Menu.Label>{t("personas")}</Menu.Label>
            {personas.map(item)}
            <Menu.Label>{t("models")}</Menu.Label>
          </>
        )}
        {plain.map(item)}
        <Menu.Divider />
        <Menu.Item component={Link} to="/models">
          {t("moreModels")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

interface ModelItemProps {
  readonly model: ModelSummary
  readonly isChosen: boolean
  readonly isLoaded: boolean
  readonly onChoose: () => void
}

function ModelItem({ model: { name, parameters }, isChosen, isLoaded, onChoose }: ModelItemProps) {
  const { t } = useTranslation("chat")
  return (
    <Menu.Item onClick={onChoose} aria-current={isChosen}>
      <Group justify="space-between" gap="md" wrap="nowrap">
        <Text size="sm">{name}</Text>
        <Group gap={6} wrap="nowrap">
          {isLoaded ? (
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
  )
}
