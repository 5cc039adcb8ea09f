// What is stored where on the server's machine, with sizes.
import type { StorageReport } from "@fireside/protocol"
import { Code, Group, Progress, Stack, Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { formatBytes } from "../../ui/format.ts"
import { joinFacts } from "../../ui/join-facts.ts"

export function StoragePanel({ report }: { readonly report: StorageReport }) {
  const { t, i18n } = useTranslation("privacy")
  const locale = i18n.language
  const { home, totalBytes, diskFreeBytes, database } = report
  const places = [...report.places].sort((one, other) => other.bytes - one.bytes)
  return (
    <Stack gap="sm">
      <Text>
        {t("storage.whole", {
          total: formatBytes(totalBytes, locale),
          free: formatBytes(diskFreeBytes, locale),
        })}{" "}
        <Code style={{ overflowWrap: "anywhere" }}>{home}</Code>
      </Text>
      <Text size="sm" c="dimmed">
        {joinFacts([
          t("storage.conversations", { count: database.conversations }),
          t("storage.messages", { count: database.messages }),
          t("storage.keys", { count: database.keys }),
          t("storage.ledgerEntries", { count: database.ledgerEntries }),
        ])}
      </Text>
      <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }}>
        {places.map(({ kind, path, bytes }) => (
          <Stack key={`${kind} ${path}`} component="li" gap={4}>
            <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
              <div>
                <Text fw={500}>{t(`storage.kind.${kind}.name`)}</Text>
                <Text size="sm" c="dimmed">
                  {t(`storage.kind.${kind}.meaning`)}
                </Text>
              </div>
              <Text style={{ whiteSpace: "nowrap", fontVariantNumeric: "tabular-nums" }}>
                {formatBytes(bytes, locale)}
              </Text>
            </Group>
            {/* The size stands beside it in words. */}
            <Progress
              value={totalBytes === 0 ? 0 : (100 * bytes) / totalBytes}
              size="xs"
              aria-hidden="true"
            />
            <Code style={{ overflowWrap: "anywhere", alignSelf: "flex-start" }}>{path}</Code>
          </Stack>
        ))}
      </Stack>
    </Stack>
  )
}
