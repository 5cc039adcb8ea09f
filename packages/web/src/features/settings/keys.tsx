// Keys that let other programs and people in: which there are, making one, taking one away.
import type { KeySummary } from "@fireside/protocol"
import { Button, Card, Code, Group, Stack, Switch, Text, Title } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { EmptyState } from "../../ui/empty-state.tsx"
import { ErrorCard } from "../../ui/error-card.tsx"
import { formatTime } from "../../ui/format.ts"
import { joinFacts } from "../../ui/join-facts.ts"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { StatusBadge } from "../../ui/status-badge.tsx"
import { sameRights } from "./key-wish.ts"
import { NewKey, ShownKey } from "./new-key.tsx"
import { useKeyActions, useKeys } from "./use-keys.ts"

export function Keys() {
  const { t } = useTranslation("settings")
  const keys = useKeys()
  const { create, revoke } = useKeyActions()

  /** A key must be out at once, so there is no way back for its secret; a new one with the same rights is what can be had. */
  const takeAway = (key: KeySummary): void =>
    revoke.mutate(key.id, {
      onSuccess() {
        const id = notifications.show({
          message: (
            <Group justify="space-between" wrap="nowrap">
              <Text size="sm">{t("key.revoked", { name: key.name })}</Text>
              <Button
                size="compact-sm"
                variant="subtle"
                onClick={() => {
                  create.mutate(sameRights(key))
                  notifications.hide(id)
                }}
              >
                {t("key.again")}
              </Button>
            </Group>
          ),
          autoClose: 10_000,
        })
      },
    })

  return (
    <Stack gap="lg">
      <Text c="dimmed">{t("intro.keys")}</Text>
      {create.isSuccess && <ShownKey created={create.data} onDone={create.reset} />}
      {keys.isPending && <SkeletonList rows={3} height={64} />}
      {keys.isError && <ErrorCard error={keys.error} onRetry={() => void keys.refetch()} />}
      {revoke.isError && <ErrorCard error={revoke.error} />}
      {keys.data !== undefined && <KeyList keys={keys.data} onRevoke={takeAway} />}
      <NewKey create={create} />
    </Stack>
  )
}

interface KeyListProps {
  readonly keys: readonly KeySummary[]
  readonly onRevoke: (key: KeySummary) => void
}

function KeyList({ keys, onRevoke }: KeyListProps) {
  const { t } = useTranslation("settings")
  const [showsRevoked, setShowsRevoked] = useState(false)
  const revoked = keys.filter(({ revokedAt }) => revokedAt !== null)
  const shown = showsRevoked ? keys : keys.filter(({ revokedAt }) => revokedAt === null)
  return (
    <Stack component="section" gap="sm" aria-label={t("key.list")}>
      {shown.length === 0 && <EmptyState title={t("key.emptyTitle")} text={t("key.emptyText")} />}
      <Stack component="ul" gap="sm" p={0} m={0} style={{ listStyle: "none" }}>
        {shown.map((key) => (
          <KeyRow key={key.id} summary={key} onRevoke={() => onRevoke(key)} />
        ))}
      </Stack>
      {revoked.length > 0 && (
        <Switch
          label={t("key.showRevoked", { count: revoked.length })}
          checked={showsRevoked}
          onChange={(event) => setShowsRevoked(event.currentTarget.checked)}
        />
      )}
    </Stack>
  )
}

function KeyRow({ summary, onRevoke }: { readonly summary: KeySummary; readonly onRevoke: () => void }) {
  const { t, i18n } = useTranslation("settings")
  const locale = i18n.language
  const { name, prefix, scopes, models, requestsPerMinute, tokensPerDay, lastUsedAt, tokensToday } = summary
  const number = new Intl.NumberFormat(locale)
  const facts = [
    scopes.map((scope) => t(`key.scope.${scope}.name`)).join(", "),
    models === null ? t("key.allModels") : models.join(", "),
    ...(requestsPerMinute === null
      ? []
      : [t("key.perMinute", { count: requestsPerMinute, number: number.format(requestsPerMinute) })]),
    ...(tokensPerDay === null
      ? []
      : [t("key.perDay", { used: number.format(tokensToday), number: number.format(tokensPerDay) })]),
    lastUsedAt === null ? t("key.neverUsed") : t("key.lastUsed", { time: formatTime(lastUsedAt, locale) }),
  ]
  return (
    <Card component="li" withBorder>
      <Group justify="space-between" align="flex-start">
        <Stack gap={2} style={{ flex: "1 1 14rem", minWidth: 0 }}>
          <Group gap="xs">
            <Title order={2} size="h5" style={{ overflowWrap: "anywhere" }}>
              {name}
            </Title>
            <Code>{prefix}…</Code>
            {summary.revokedAt !== null && <StatusBadge tone="neutral">{t("key.isRevoked")}</StatusBadge>}
          </Group>
          <Text size="sm" c="dimmed">
            {joinFacts(facts)}
          </Text>
        </Stack>
        {summary.revokedAt === null && (
          <Button size="xs" variant="default" onClick={onRevoke} aria-label={t("key.revokeNamed", { name })}>
            {t("key.revoke")}
          </Button>
        )}
      </Group>
    </Card>
  )
}
