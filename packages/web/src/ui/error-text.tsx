import { Text } from "@mantine/core"
import { useServerWords } from "../server-words.ts"

/** What happened and what to do next, in the reader's language; beneath, what else the server says of it. */
export function ErrorText({ error }: { readonly error: unknown }) {
  const { message, hint, detail } = useServerWords().error(error)
  return (
    <>
      <Text size="sm">{message}</Text>
      {hint === undefined ? null : <Text size="sm">{hint}</Text>}
      {detail === undefined ? null : (
        // The server speaks English.
        <Text size="xs" lang="en" dir="ltr" style={{ overflowWrap: "anywhere" }}>
          {detail}
        </Text>
      )}
    </>
  )
}
