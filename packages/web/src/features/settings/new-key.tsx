// Makes a key, and shows it the one time that it can be shown.

import { type CreatedKey, Scope } from "@fireside/protocol"
import {
  Alert,
  Button,
  Card,
  Checkbox,
  Group,
  MultiSelect,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core"
import { type FormEvent, useState } from "react"
import { useTranslation } from "react-i18next"
import { useModels } from "../../queries/models.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { CopyField } from "./copy-field.tsx"
import { EMPTY_KEY_FORM, type KeyFormField, readKeyForm } from "./key-wish.ts"
import type { KeyActions } from "./use-keys.ts"

export function NewKey({ create }: Pick<KeyActions, "create">) {
  const { t } = useTranslation("settings")
  const models = useModels()
  const [form, setForm] = useState(EMPTY_KEY_FORM)
  const [wrong, setWrong] = useState<readonly KeyFormField[]>([])
  const change = (values: Partial<typeof form>): void => {
    setForm({ ...form, ...values })
    setWrong([])
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const read = readKeyForm(form)
    if (read.type === "wrong") setWrong(read.fields)
    else create.mutate(read.wish, { onSuccess: () => setForm(EMPTY_KEY_FORM) })
  }
  const errorOf = (field: KeyFormField) => (wrong.includes(field) ? t(`key.wrong.${field}`) : undefined)
  return (
    <Card withBorder component="section" aria-labelledby="new-key">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Title id="new-key" order={2} size="h5">
            {t("key.new")}
          </Title>
          <TextInput
            label={t("key.name")}
            description={t("key.nameHint")}
            value={form.name}
            error={errorOf("name")}
            autoComplete="off"
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <Checkbox.Group
            label={t("key.scopes")}
            error={errorOf("scopes")}
            value={[...form.scopes]}
            onChange={(values) => change({ scopes: Scope.options.filter((it) => values.includes(it)) })}
          >
            <Stack gap="xs" mt="xs">
              {Scope.options.map((scope) => (
                <Checkbox
                  key={scope}
                  value={scope}
                  label={t(`key.scope.${scope}.name`)}
                  description={t(`key.scope.${scope}.meaning`)}
                />
              ))}
            </Stack>
          </Checkbox.Group>
          <MultiSelect
            label={t("key.models")}
            description={t("key.modelsHint")}
            placeholder={form.models.length === 0 ? t("key.allModels") : ""}
            data={models.data?.map(({ name }) => name) ?? []}
            value={[...form.models]}
            error={errorOf("models")}
            onChange={(chosen) => change({ models: chosen })}
            hidePickedOptions
          />
          <Group grow align="flex-start">
            {(["requestsPerMinute", "tokensPerDay"] as const).map((field) => (
              <TextInput
                key={field}
                label={t(`key.${field}`)}
                placeholder={t("key.noLimit")}
                inputMode="numeric"
                value={form[field]}
                error={errorOf(field)}
                onChange={(event) => change({ [field]: event.currentTarget.value })}
              />
            ))}
          </Group>
          {create.isError && <ErrorCard error={create.error} />}
          <Button type="submit" style={{ alignSelf: "flex-start" }} loading={create.isPending}>
            {t("key.create")}
          </Button>
        </Stack>
      </form>
    </Card>
  )
}

export interface ShownKeyProps {
  readonly created: CreatedKey
  readonly onDone: () => void
}

export function ShownKey({ created: { name, key }, onDone }: ShownKeyProps) {
  const { t } = useTranslation("settings")
  return (
    <Alert color="green" role="status" title={t("key.made", { name })}>
      <Stack gap="sm">
        <Text size="sm">{t("key.once")}</Text>
        <CopyField label={t("key.secret")} value={key} />
        <Button variant="default" size="xs" style={{ alignSelf: "flex-start" }} onClick={onDone}>
          {t("key.kept")}
        </Button>
      </Stack>
    </Alert>
  )
}
