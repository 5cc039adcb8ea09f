// Everything that is known of one model.
import type { ModelDetails } from "@fireside/protocol"
import {
  Accordion,
  Alert,
  Badge,
  Button,
  Code,
  Drawer,
  Group,
  ScrollArea,
  Stack,
  Table,
  Text,
} from "@mantine/core"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { ErrorCard } from "../../ui/error-card.tsx"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { Term } from "../../ui/term.tsx"
import { metadataRows } from "./metadata-rows.ts"
import { ModelFacts } from "./model-facts.tsx"
import { useModelDetails } from "./use-models.ts"

export interface ModelDrawerProps {
  /** Undefined: it is closed. */
  readonly name: string | undefined
  onClose(): void
  onPersona(name: string): void
}

export function ModelDrawer({ name, onClose, onPersona }: ModelDrawerProps) {
  const { t } = useTranslation("models")
  return (
    <Drawer
      opened={name !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={name ?? ""}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      {name === undefined ? null : <Details name={name} onPersona={onPersona} />}
    </Drawer>
  )
}

interface DetailsProps {
  readonly name: string
  onPersona(name: string): void
}

function Details({ name, onPersona }: DetailsProps) {
  const { t } = useTranslation("models")
  const details = useModelDetails(name)
  if (details.isPending) return <SkeletonList rows={6} />
  if (details.data === undefined)
    return <ErrorCard error={details.error} onRetry={() => void details.refetch()} />
  const model = details.data
  return (
    <Stack>
      <ModelFacts model={model} />
      <Group gap="xs">
        {model.capabilities.map((capability) => (
          <Badge key={capability} variant="default" fw={500} tt="none">
            {t(`capability.${capability}`)}
          </Badge>
        ))}
      </Group>
      <Text size="sm">
        <Term id="contextLength">{t("details.context")}</Term>{" "}
        {t("details.tokens", { count: model.contextLength })}
      </Text>
      {model.advice === undefined ? null : (
        <Alert variant="light" lang="en" dir="auto">
          {model.advice}
        </Alert>
      )}
      <Text size="sm">
        {model.deterministic.possible
          ? t("details.deterministic")
          : t("details.notDeterministic", { why: model.deterministic.why })}
      </Text>
      <Button variant="default" onClick={() => onPersona(name)}>
        {t("persona.open")}
      </Button>
      <Sections model={model} />
    </Stack>
  )
}

function Sections({ model }: { readonly model: ModelDetails }) {
  const { t } = useTranslation("models")
  const sampling = Object.entries(model.sampling)
  return (
    <Accordion multiple variant="separated" order={2}>
      <Section id="system" empty={model.system === ""}>
        <LongText text={model.system} />
      </Section>
      <Section id="sampling" empty={sampling.length === 0 && model.stop.length === 0}>
        <Rows
          rows={[
            ...sampling.map(([key, value]) => ({ key, value: JSON.stringify(value) })),
            ...model.stop.map((value) => ({ key: t("details.stop"), value: JSON.stringify(value) })),
          ]}
        />
      </Section>
      <Section id="template" empty={model.template === ""}>
        <LongText text={model.template} />
      </Section>
      <Section id="licence" empty={model.licenceText === ""}>
        <LongText text={model.licenceText} />
      </Section>
      <Section id="metadata" empty={Object.keys(model.metadata).length === 0}>
        <Rows
          rows={[
            { key: t("details.file"), value: model.path },
            { key: t("details.digest"), value: model.digest === "" ? t("details.noDigest") : model.digest },
            ...metadataRows(model.metadata),
          ]}
        />
      </Section>
    </Accordion>
  )
}

interface SectionProps {
  readonly id: "system" | "sampling" | "template" | "licence" | "metadata"
  readonly empty: boolean
  readonly children: ReactNode
}

function Section({ id, empty, children }: SectionProps) {
  const { t } = useTranslation("models")
  return (
    <Accordion.Item value={id}>
      <Accordion.Control>{t(`details.${id}.title`)}</Accordion.Control>
      <Accordion.Panel>
        <Stack gap="xs">
          <Text size="sm" c="dimmed">
            {t(`details.${id}.${empty ? "empty" : "text"}`)}
          </Text>
          {empty ? null : children}
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  )
}

/** A text of any length, as it is. */
function LongText({ text }: { readonly text: string }) {
  return (
    <ScrollArea.Autosize mah={360} tabIndex={0} type="auto">
      <Code block style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {text}
      </Code>
    </ScrollArea.Autosize>
  )
}

function Rows({ rows }: { readonly rows: readonly { readonly key: string; readonly value: string }[] }) {
  return (
    <Table fz="xs" layout="fixed">
      <Table.Tbody>
        {rows.map(({ key, value }) => (
          <Table.Tr key={`${key} ${value}`}>
            <Table.Th scope="row" style={{ overflowWrap: "anywhere" }}>
              {key}
            </Table.Th>
            <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
