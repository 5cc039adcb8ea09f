// A model of its own: the same weights with a character.
import type { ModelDetails, ModelSummary } from "@fireside/protocol"
import { Button, Group, Modal, Slider, Stack, Text, Textarea, TextInput } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { type ReactNode, useState } from "react"
import { useTranslation } from "react-i18next"
import { ErrorCard } from "../../ui/error-card.tsx"
import { SkeletonList } from "../../ui/skeleton-list.tsx"
import { Term } from "../../ui/term.tsx"
import { checkPersonaName, personaOf } from "./persona.ts"
import { useModelDetails } from "./use-models.ts"
import { useNewPersona } from "./use-new-persona.ts"

export interface PersonaModalProps {
  /** Undefined: it is closed. */
  readonly name: string | undefined
  readonly models: readonly ModelSummary[]
  onClose(): void
}

export function PersonaModal({ name, models, onClose }: PersonaModalProps) {
  const { t } = useTranslation("models")
  return (
    <Modal
      opened={name !== undefined}
      onClose={onClose}
      size="lg"
      title={t("persona.title", { name: name ?? "" })}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      {name === undefined ? null : <LoadedForm name={name} models={models} onClose={onClose} />}
    </Modal>
  )
}

interface FormProps {
  readonly models: readonly ModelSummary[]
  onClose(): void
}

function LoadedForm({ name, ...form }: FormProps & { readonly name: string }) {
  const details = useModelDetails(name)
  if (details.isPending) return <SkeletonList rows={5} />
  if (details.data === undefined)
    return <ErrorCard error={details.error} onRetry={() => void details.refetch()} />
  return <PersonaForm base={details.data} {...form} />
}

function PersonaForm({ base, models, onClose }: FormProps & { readonly base: ModelDetails }) {
  const { t } = useTranslation("models")
  const [persona, setPersona] = useState(() => personaOf(base))
  const problem = checkPersonaName(persona.name, models)
  const make = useNewPersona((name) => {
    notifications.show({
      message: t("persona.ready", { name }),
      closeButtonProps: { "aria-label": t("close") },
    })
    onClose()
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (problem === undefined && !make.isPending) make.mutate({ base, persona })
      }}
    >
      <Stack>
        <Text size="sm" c="dimmed">
          {t("persona.text", { name: base.name })}
        </Text>
        <TextInput
          label={t("persona.name")}
          value={persona.name}
          error={problem === undefined ? undefined : t(`persona.problem.${problem}`)}
          onChange={(event) => setPersona({ ...persona, name: event.currentTarget.value.trim() })}
          data-autofocus
        />
        <Textarea
          label={t("persona.system")}
          description={t("persona.systemText")}
          placeholder={t("persona.example")}
          autosize
          minRows={4}
          maxRows={12}
          value={persona.system}
          onChange={(event) => setPersona({ ...persona, system: event.currentTarget.value })}
        />
        <Dial
          label={<Term id="temperature">{t("persona.temperature")}</Term>}
          name={t("persona.temperature")}
          text={t("persona.temperatureText")}
          value={persona.temperature}
          max={2}
          onChange={(temperature) => setPersona({ ...persona, temperature })}
        />
        <Dial
          label={<Term id="topP">{t("persona.topP")}</Term>}
          name={t("persona.topP")}
          text={t("persona.topPText")}
          value={persona.topP}
          max={1}
          onChange={(topP) => setPersona({ ...persona, topP })}
        />
        {make.error === null ? null : <ErrorCard error={make.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button type="submit" disabled={problem !== undefined} loading={make.isPending}>
            {t("persona.make")}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

interface DialProps {
  readonly label: ReactNode
  readonly name: string
  readonly text: string
  readonly value: number
  readonly max: number
  onChange(value: number): void
}

function Dial({ label, name, text, value, max, onChange }: DialProps) {
  return (
    <Stack gap={4}>
      <Group justify="space-between">
        <Text size="sm" fw={500}>
          {label}
        </Text>
        <Text size="sm">{value}</Text>
      </Group>
      <Slider
        min={0}
        max={max}
        step={0.05}
        value={Math.min(max, value)}
        onChange={(wanted) => onChange(Number(wanted.toFixed(2)))}
        thumbLabel={name}
        label={null}
      />
      <Text size="xs" c="dimmed">
        {text}
      </Text>
    </Stack>
  )
}
