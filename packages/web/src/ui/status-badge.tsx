// A word with a coloured dot: the word says it all, and its contrast does not depend on the colour.
import { Badge } from "@mantine/core"
import type { ReactNode } from "react"
import classes from "./status-badge.module.css"

export interface StatusBadgeProps {
  readonly tone: "good" | "fair" | "bad" | "neutral"
  readonly children: ReactNode
}

export function StatusBadge({ tone, children }: StatusBadgeProps) {
  return (
    <Badge
      variant="default"
      tt="none"
      fw={500}
      leftSection={<span className={classes.dot} data-tone={tone} aria-hidden="true" />}
    >
      {children}
    </Badge>
  )
}
