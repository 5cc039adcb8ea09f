import { Anchor, Group, Text } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { useLock } from "../queries/lock.ts"
import { Icon } from "../ui/icon.tsx"
import classes from "./lock-state.module.css"

/** A padlock in words: may anything leave this computer? */
export function LockState() {
  const { t } = useTranslation("shell")
  const { data, error } = useLock()
  if (error !== null)
    return (
      <Text size="sm" c="red" role="alert" className={classes.words}>
        {t("lock.unreachable")}
      </Text>
    )
  if (data === undefined) return null
  const isLocked = data.lock === "locked"
  return (
    <Anchor component={Link} to="/privacy" underline="hover" c="dimmed" size="sm">
      <Group gap={6} wrap="nowrap">
        <Icon name={isLocked ? "lock" : "unlock"} size={16} />
        <Text span size="sm" className={classes.words}>
          {t(`lock.${data.lock}`)}
        </Text>
      </Group>
    </Anchor>
  )
}
