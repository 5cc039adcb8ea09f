// Looking for models: the catalogue as one types, the hub when one asks it.
import { Alert, Anchor, Button, Group, Stack, Text, TextInput, Title } from "@mantine/core"
import { useDebouncedValue } from "@mantine/hooks"
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { SpeedLimitSelect } from "../../downloads/speed-limit-select.tsx"
import { useLock } from "../../queries/lock.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { onlyOfHub, rankMatches } from "./discover.ts"
import { EarlierDownloads } from "./earlier-downloads.tsx"
import classes from "./library-tab.module.css"
import { MatchCard } from "./match-card.tsx"
import { useCatalogue, useHubSearch } from "./use-models.ts"

/** While somebody types nothing is asked. */
const TYPING_MS = 200

export function DiscoverTab() {
  const { t } = useTranslation("models")
  const [typed, setTyped] = useState("")
  const [words] = useDebouncedValue(typed.trim(), TYPING_MS)
  const known = useCatalogue(words)
  const isLocked = useLock().data?.lock === "locked"
  return (
    <Stack>
      <Group gap="sm" align="flex-end">
        <TextInput
          type="search"
          label={t("discover.search")}
          placeholder={t("discover.placeholder")}
          value={typed}
          maxLength={200}
          onChange={(event) => setTyped(event.currentTarget.value)}
          style={{ flex: "1 1 240px" }}
        />
        <SpeedLimitSelect />
      </Group>
      {isLocked ? (
        <Alert variant="light" title={t("discover.locked")}>
          {t("discover.lockedText")}{" "}
          <Anchor component={Link} to="/privacy" inherit c="inherit" underline="always">
            {t("discover.toLock")}
          </Anchor>
        </Alert>
      ) : null}
      <EarlierDownloads />
      <Stack component="section" gap="xs" aria-labelledby="catalogue-models">
        <Title order={2} size="h5" id="catalogue-models">
          {t("discover.catalogue")}
        </Title>
        {known.isPending ? <SkeletonList rows={4} height={140} /> : null}
        {known.error === null ? null : <ErrorCard error={known.error} onRetry={() => void known.refetch()} />}
        {known.data?.length === 0 ? <Text>{t("discover.noneKnown", { words })}</Text> : null}
        <ul className={classes.list}>
          {rankMatches(known.data ?? []).map((match) => (
            <MatchCard key={match.name} match={match} isLocked={isLocked} />
          ))}
        </ul>
      </Stack>
      {words === "" ? null : <HubSection key={words} words={words} isLocked={isLocked} />}
    </Stack>
  )
}

function HubSection({ words, isLocked }: { readonly words: string; readonly isLocked: boolean }) {
  const { t } = useTranslation("models")
  const [isWanted, setWanted] = useState(false)
  const known = useCatalogue(words).data ?? []
  const answer = useHubSearch(words, { isWanted })
  const found = onlyOfHub(known, answer.data ?? [])
  return (
    <Stack component="section" gap="xs" aria-labelledby="hub-models">
      <Title order={2} size="h5" id="hub-models">
        {t("discover.hub")}
      </Title>
      {isWanted || answer.data !== undefined ? null : (
        <Stack gap={4} align="flex-start">
          <Button variant="default" disabled={isLocked} onClick={() => setWanted(true)}>
            {t("discover.askHub", { words })}
          </Button>
          <Text size="xs" c="dimmed">
            {isLocked ? t("discover.locked") : t("discover.hubHappens", { words })}
          </Text>
        </Stack>
      )}
      {answer.isFetching ? <SkeletonList rows={3} height={140} /> : null}
      {answer.error === null || answer.isFetching ? null : (
        <ErrorCard error={answer.error} onRetry={() => void answer.refetch()} />
      )}
      {answer.data !== undefined && found.length === 0 ? (
        <Text>{t("discover.noneAtHub", { words })}</Text>
      ) : null}
      <ul className={classes.list}>
        {found.map((match) => (
          <MatchCard key={match.name} match={match} isLocked={isLocked} />
        ))}
      </ul>
    </Stack>
  )
}
