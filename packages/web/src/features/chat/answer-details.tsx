import type { StoredMessage } from "@fireside/protocol"
import { Popover, Table, Text, UnstyledButton } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { formatDuration, formatRate } from "../../ui/format.ts"

/** Speed in one line; all numbers when asked. */
export function AnswerDetails({ stored }: { readonly stored: StoredMessage }) {
  const { t, i18n } = useTranslation("chat")
  const { model, usage, timings } = stored
  if (usage === null || timings === null)
    return model === null ? null : (
      <Text size="xs" c="dimmed">
        {model}
      </Text>
    )
  const rows: readonly (readonly [string, string])[] = [
    ["model", model ?? ""],
    ["asked", t("details.tokens", { count: usage.promptTokens })],
    ["cached", t("details.tokens", { count: usage.cachedTokens })],
    ["answered", t("details.tokens", { count: usage.completionTokens })],
    ["firstWord", formatDuration(timings.ttftMs, i18n.language)],
    ["reading", t("details.perSecond", { rate: formatRate(timings.prefillTokensPerSecond, i18n.language) })],
    ["writing", t("details.perSecond", { rate: formatRate(timings.decodeTokensPerSecond, i18n.language) })],
    ...(timings.acceptedTokens === undefined || timings.acceptedTokens === 0
      ? []
      : ([["guessed", t("details.tokens", { count: timings.acceptedTokens })]] as const)),
    ["whole", formatDuration(timings.totalMs, i18n.language)],
  ]
  return (
    <Popover position="top" withArrow>
      <Popover.Target>
        <UnstyledButton>
          <Text size="xs" c="dimmed">
            {t("details.summary", {
              model: model ?? "",
              rate: formatRate(timings.decodeTokensPerSecond, i18n.language),
            })}
          </Text>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Table>
          <Table.Tbody>
            {rows.map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Td>{t(`details.${name}`)}</Table.Td>
                <Table.Td ta="end">{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Popover.Dropdown>
    </Popover>
  )
}
