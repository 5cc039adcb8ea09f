import { Text } from "@mantine/core"

/** What the server says besides the words of the reader's language: it speaks English. Nothing when it says no more. */
export function ServerDetail({ text }: { readonly text: string | undefined }) {
  if (text === undefined) return null
  return (
    <Text size="xs" lang="en" dir="ltr" style={{ overflowWrap: "anywhere" }}>
      {text}
    </Text>
  )
}
