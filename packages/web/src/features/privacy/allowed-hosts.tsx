// The hosts that may be reached while the lock lets only these through.
import { Button, Card, Code, Group, Stack, Text, TextInput, Title } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { ErrorCard } from "../../ui/error-card.tsx"
import { hostName } from "./host-name.ts"
import type { LockActions } from "./use-privacy.ts"

export interface AllowedHostsProps extends Pick<LockActions, "allowHost" | "disallowHost"> {
  readonly hosts: readonly string[]
}

export function AllowedHosts({ hosts, allowHost, disallowHost }: AllowedHostsProps) {
  const { t } = useTranslation("privacy")
  const error = allowHost.error ?? disallowHost.error

  const remove = (host: string): void =>
    disallowHost.mutate(host, {
      onSuccess() {
        const id = notifications.show({
          message: (
            <Group justify="space-between" wrap="nowrap">
              <Text size="sm">{t("hosts.removed", { host })}</Text>
              <Button
                size="compact-sm"
                variant="subtle"
                onClick={() => {
                  allowHost.mutate(host)
                  notifications.hide(id)
                }}
              >
                {t("undo")}
              </Button>
            </Group>
          ),
        })
      },
    })

  return (
    <Card withBorder component="section" aria-labelledby="allowed-hosts">
      <Stack gap="sm">
        <Title id="allowed-hosts" order={3} size="h5">
          {t("hosts.title")}
        </Title>
        {hosts.length === 0 && <Text size="sm">{t("hosts.none")}</Text>}
        <Stack component="ul" gap="xs" p={0} m={0} style={{ listStyle: "none" }}>
          {hosts.map((host) => (
            <Group key={host} component="li" justify="space-between" wrap="nowrap">
              <Code style={{ overflowWrap: "anywhere" }}>{host}</Code>
              <Button
                size="xs"
                variant="default"
                disabled={disallowHost.isPending}
                aria-label={t("hosts.removeNamed", { host })}
                onClick={() => remove(host)}
              >
                {t("hosts.remove")}
              </Button>
            </Group>
          ))}
        </Stack>
        <NewHost allowHost={allowHost} />
        {error !== null && <ErrorCard error={error} />}
      </Stack>
    </Card>
  )
}

function NewHost({ allowHost }: Pick<LockActions, "allowHost">) {
  const { t } = useTranslation("privacy")
  const [written, setWritten] = useState("")
  const [isWrong, setIsWrong] = useState(false)
  const add = (): void => {
    const host = hostName(written)
    setIsWrong(host === undefined)
    if (host !== undefined) allowHost.mutate(host, { onSuccess: () => setWritten("") })
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        add()
      }}
    >
      <Group align="flex-start" gap="xs">
        <TextInput
          style={{ flex: "1 1 14rem" }}
          label={t("hosts.label")}
          description={t("hosts.description")}
          placeholder="huggingface.co"
          value={written}
          error={isWrong ? t("hosts.wrong") : undefined}
          onChange={(event) => {
            setWritten(event.currentTarget.value)
            setIsWrong(false)
          }}
          autoComplete="off"
          spellCheck={false}
          inputWrapperOrder={["label", "input", "description", "error"]}
        />
        <Button type="submit" mt={25} loading={allowHost.isPending}>
          {t("hosts.add")}
        </Button>
      </Group>
    </form>
  )
}
