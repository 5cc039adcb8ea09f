// The models that are here.

import { Button, Group, NativeSelect, Stack, Text, TextInput } from "@mantine/core"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { useModels, useRunningModels } from "../../queries/models.ts"
import { EmptyState } from "../../ui/empty-state.tsx"
import { ErrorCard } from "../../ui/error-card.tsx"
import { formatBytes } from "../../ui/format.ts"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import {
  arrangeModels,
  LIBRARY_ORDERS,
  type LibraryOrder,
  librarySizeBytes,
  runningOf,
} from "./library-list.ts"
import classes from "./library-tab.module.css"
import { ModelDrawer } from "./model-drawer.tsx"
import { ModelRow } from "./model-row.tsx"
import { PersonaModal } from "./persona-modal.tsx"
import { RemovedModels } from "./removed-models.tsx"
import { RUNNING_EVERY_MS } from "./running-every.ts"

/** Rows that are drawn at once; more come when they are asked for. */
const PAGE = 100

export interface LibraryTabProps {
  onDiscover(): void
}

export function LibraryTab({ onDiscover }: LibraryTabProps) {
  const { t, i18n } = useTranslation("models")
  const models = useModels()
  const running = useRunningModels(RUNNING_EVERY_MS)
  const [words, setWords] = useState("")
  const [order, setOrder] = useState<LibraryOrder>("name")
  const [shown, setShown] = useState(PAGE)
  const [detailsOf, setDetailsOf] = useState<string>()
  const [personaOf, setPersonaOf] = useState<string>()

  if (models.isPending) return <SkeletonList rows={5} height={72} />
  if (models.data === undefined)
    return <ErrorCard error={models.error} onRetry={() => void models.refetch()} />
  if (models.data.length === 0)
    return (
      <>
        <EmptyState
          title={t("empty.title")}
          text={t("empty.text")}
          action={<Button onClick={onDiscover}>{t("empty.discover")}</Button>}
        />
        <RemovedModels />
      </>
    )
  const found = arrangeModels(models.data, { words, order })
  return (
    <Stack>
      <Group gap="sm" align="flex-end">
        <TextInput
          label={t("filter")}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          style={{ flex: "1 1 220px" }}
        />
        <NativeSelect
          label={t("order.label")}
          value={order}
          onChange={(event) => {
            const wanted = LIBRARY_ORDERS.find((it) => it === event.currentTarget.value)
            if (wanted !== undefined) setOrder(wanted)
          }}
          data={LIBRARY_ORDERS.map((it) => ({ value: it, label: t(`order.${it}`) }))}
        />
      </Group>
      <Text size="sm" c="dimmed" role="status">
        {t("count", {
          count: found.length,
          size: formatBytes(librarySizeBytes(found), i18n.language),
        })}
      </Text>
      {models.error === null ? null : (
        <ErrorCard error={models.error} onRetry={() => void models.refetch()} />
      )}
      <ul className={classes.list}>
        {found.slice(0, shown).map((model) => (
          <ModelRow
            key={model.name}
            model={model}
            running={runningOf(model, running.data ?? [])}
            onDetails={setDetailsOf}
            onPersona={setPersonaOf}
          />
        ))}
      </ul>
      {found.length > shown ? (
        <Button variant="default" onClick={() => setShown(shown + PAGE)}>
          {t("showMore", { count: found.length - shown })}
        </Button>
      ) : null}
      {found.length === 0 ? <Text>{t("noneFound")}</Text> : null}
      <RemovedModels />
      <ModelDrawer
        name={detailsOf}
        onClose={() => setDetailsOf(undefined)}
        onPersona={(name) => {
          setDetailsOf(undefined)
          setPersonaOf(name)
        }}
      />
      <PersonaModal name={personaOf} models={models.data} onClose={() => setPersonaOf(undefined)} />
    </Stack>
  )
}
