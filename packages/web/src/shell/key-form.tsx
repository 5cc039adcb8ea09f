import { Button, Center, PasswordInput, Stack, Text, Title } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { rememberKey } from "../api.ts"

/** On another computer of the network the server asks for a key. It is kept in this tab only. */
export function KeyForm() {
  const { t } = useTranslation("shell")
  const [key, setKey] = useState("")
  return (
    <Center h="100dvh" p="md">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          rememberKey(key.trim())
          location.reload()
        }}
      >
        <Stack maw={420}>
          <Title order={1} size="h3">
            {t("key.title")}
          </Title>
          <Text>{t("key.text")}</Text>
          <PasswordInput
            label={t("key.label")}
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
            autoComplete="current-password"
          />
          <Button type="submit" disabled={key.trim() === ""}>
            {t("key.open")}
          </Button>
        </Stack>
      </form>
    </Center>
  )
}
