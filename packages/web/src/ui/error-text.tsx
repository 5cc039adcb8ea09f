import { Text } from "@mantine/core"
import { useServerWords } from "../server-words.ts"
import { ServerDetail } from "./server-detail.tsx"

/** What happened and what to do next, in the reader's language; beneath, what else the server says of it. */
export function ErrorText({ error }: { readonly error: unknown }) {
  const { message, hint, detail } = useServerWords().error(error)
  return (
    <>
      <Text size="sm">{message}</Text>
      {hint === undefined ? null : <Text size="sm">{hint}</Text>}
      <ServerDetail text={detail} />
    </>
  )
}
