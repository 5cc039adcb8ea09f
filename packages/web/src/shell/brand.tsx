import { Group, Text } from "@mantine/core"
import { Link } from "@tanstack/react-router"
import { Icon } from "../ui/icon.tsx"
import classes from "./brand.module.css"

export function Brand() {
  return (
    <Link to="/" className={classes.brand}>
      <Group gap={6} wrap="nowrap">
        <span className={classes.mark}>
          <Icon name="ember" size={20} />
        </span>
        <Text fw={600}>Fireside</Text>
      </Group>
    </Link>
  )
}
