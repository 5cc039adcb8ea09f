import { Stack, Text, Title } from "@mantine/core"
import type { ReactNode } from "react"

export interface EmptyStateProps {
  readonly title: string
  readonly text: string
  /** The next step. */
  readonly action?: ReactNode
}

export function EmptyState({ title, text, action }: EmptyStateProps) {
  return (
    <Stack align="center" gap="xs" py="xl" px="md" ta="center">
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text c="dimmed" maw="52ch">
        {text}
      </Text>
      {action}
    </Stack>
  )
}
