import { Group, ScrollArea, Stack, Title } from "@mantine/core"
import type { ReactNode } from "react"

export interface PageProps {
  readonly title: string
  /** Beside the title: what can be done on this screen. */
  readonly aside?: ReactNode
  readonly children: ReactNode
}

/** A screen other than the chat: a heading, then what there is, in a width that can be read. */
export function Page({ title, aside, children }: PageProps) {
  return (
    <ScrollArea h="100%" type="auto">
      <Stack maw={980} mx="auto" px="md" py="lg" gap="lg">
        <Group justify="space-between" align="center" gap="sm">
          <Title order={1} size="h2">
            {title}
          </Title>
          {aside}
        </Group>
        {children}
      </Stack>
    </ScrollArea>
  )
}
