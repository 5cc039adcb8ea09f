import { ActionIcon, Group, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { Icon } from "../../ui/icon.tsx"
import type { ShownMessage } from "./message-tree.ts"

export interface VersionsProps {
  readonly message: ShownMessage
  readonly onStep: (step: 1 | -1) => void
}

/** ‹2/3›, where there is more than one. */
export function Versions({ message: { stored, versions }, onStep }: VersionsProps) {
  const { t } = useTranslation("chat")
  if (versions.length < 2) return null
  const at = versions.indexOf(stored.id) + 1
  return (
    <Group gap={2} wrap="nowrap" role="group" aria-label={t("versions.label")}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={t("versions.previous")}
        disabled={at === 1}
        onClick={() => onStep(-1)}
      >
        <Icon name="left" size={14} />
      </ActionIcon>
      <Text size="xs" c="dimmed">
        {t("versions.count", { at, of: versions.length })}
      </Text>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={t("versions.next")}
        disabled={at === versions.length}
        onClick={() => onStep(1)}
      >
        <Icon name="right" size={14} />
      </ActionIcon>
    </Group>
  )
}
