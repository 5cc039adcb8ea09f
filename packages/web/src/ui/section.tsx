import { Stack, Text, Title } from "@mantine/core"
import { type ReactNode, useId } from "react"

export interface SectionProps {
  readonly title: string
  readonly text?: string | undefined
  readonly children: ReactNode
}

/** A part of a screen, named by its heading. */
export function Section({ title, text, children }: SectionProps) {
  const id = useId()
  return (
    <Stack component="section" gap="sm" aria-labelledby={id}>
      <div>
        <Title id={id} order={2} size="h4">
          {title}
        </Title>
        {text !== undefined && <Text c="dimmed">{text}</Text>}
      </div>
      {children}
    </Stack>
  )
}
