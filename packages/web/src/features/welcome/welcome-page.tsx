// The first minutes: what this computer is, which model suits it, and the way to a first answer.
import { Anchor, Stack, Text, Title } from "@mantine/core"
import { useNetwork } from "@mantine/hooks"
import { Link } from "@tanstack/react-router"
import { useTranslation } from "react-i18next"
import { useLock } from "../../queries/lock.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { Page } from "../../ui/page.tsx"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { MachineSentence } from "./machine-sentence.tsx"
import { OpeningCard } from "./opening-card.tsx"
import { PresentCard } from "./present-card.tsx"
import { ProposalCard } from "./proposal-card.tsx"
import { chooseProposals, reachOf, usableModels } from "./proposals.ts"
import { type OpenedModel, useOpenedModel } from "./use-opened-model.ts"
import { useWelcome, type WelcomeFacts } from "./use-welcome.ts"
import { WithoutInternet } from "./without-internet.tsx"

export function WelcomePage() {
  const { t } = useTranslation("welcome")
  const facts = useWelcome()
  const opened = useOpenedModel()
  // Without any model the chat leads back here.
  const canSkip = usableModels(facts.models.data ?? [], undefined).length > 0
  return (
    <Page
      title={t("title")}
      aside={
        canSkip ? (
          <Anchor component={Link} to="/">
            {t("skip")}
          </Anchor>
        ) : undefined
      }
    >
      {opened.name === undefined ? (
        <Choice facts={facts} opened={opened} />
      ) : (
        <OpeningCard opened={opened} name={opened.name} />
      )}
    </Page>
  )
}

function Choice({ facts, opened }: { readonly facts: WelcomeFacts; readonly opened: OpenedModel }) {
  const { welcome, catalogue, models } = facts
  const isLocked = useLock().data?.lock === "locked"
  const { online } = useNetwork()
  // The catalogue only makes a sentence longer: it is waited for so that nothing moves, and done without when it fails.
  if (welcome.isPending || models.isPending || catalogue.isPending)
    return <SkeletonList rows={4} height={96} />
  const without = <WithoutInternet isLocked={isLocked} isOffline={!online} />
  const error = welcome.error ?? models.error
  const retry = (): void => {
    void welcome.refetch()
    void models.refetch()
  }
  return (
    <>
      {welcome.data === undefined ? null : (
        <MachineSentence
          hardware={welcome.data.hardware}
          reach={catalogue.data === undefined ? undefined : reachOf(catalogue.data)}
        />
      )}
      {error === null ? null : <ErrorCard error={error} onRetry={retry} />}
      <Present facts={facts} onOpen={opened.open} />
      {isLocked || !online ? without : null}
      <Proposals facts={facts} isLocked={isLocked} onReady={opened.open} />
      {isLocked || !online ? null : without}
    </>
  )
}

/** More than one person looks through at once; the others are in the library. */
const PRESENT_SHOWN = 3

function Present({ facts, onOpen }: { readonly facts: WelcomeFacts; onOpen(name: string): void }) {
  const { t } = useTranslation("welcome")
  const usable = usableModels(facts.models.data ?? [], facts.welcome.data?.present?.model)
  if (usable.length === 0) return null
  return (
    <Stack component="section" gap="sm" aria-labelledby="present-models">
      <Title order={2} size="h4" id="present-models">
        {t("present.title")}
      </Title>
      {usable.slice(0, PRESENT_SHOWN).map((model, index) => (
        <PresentCard key={model.name} model={model} isFirst={index === 0} onOpen={onOpen} />
      ))}
      {usable.length > PRESENT_SHOWN ? (
        <Anchor component={Link} to="/models">
          {t("present.more", { count: usable.length - PRESENT_SHOWN })}
        </Anchor>
      ) : null}
    </Stack>
  )
}

interface ProposalsProps {
  readonly facts: WelcomeFacts
  readonly isLocked: boolean
  onReady(name: string): void
}

function Proposals({ facts, isLocked, onReady }: ProposalsProps) {
  const { t } = useTranslation("welcome")
  const { welcome, models } = facts
  if (welcome.data === undefined) return null
  const known = models.data ?? []
  const proposals = chooseProposals(welcome.data.candidates, known)
  const isFirst = usableModels(known, welcome.data.present?.model).length === 0
  if (proposals.length === 0) {
    // Everything that would be proposed is here already, or nothing fits.
    return welcome.data.candidates.length > 0 ? null : (
      <Stack gap="xs">
        <Text>{t("proposals.none")}</Text>
        {/* The server speaks English. */}
        <Text size="sm" c="dimmed" lang="en" dir="ltr">
          {welcome.data.reason}
        </Text>
      </Stack>
    )
  }
  return (
    <Stack component="section" gap="sm" aria-labelledby="proposals">
      <Title order={2} size="h4" id="proposals">
        {isFirst ? t("proposals.title") : t("proposals.more")}
      </Title>
      {proposals.map((candidate, index) => (
        <ProposalCard
          key={candidate.entry.name}
          candidate={candidate}
          isRecommended={isFirst && index === 0}
          isLocked={isLocked}
          onReady={onReady}
        />
      ))}
      <Anchor component={Link} to="/models">
        {t("proposals.all")}
      </Anchor>
    </Stack>
  )
}
