// One setting: what it does, what it is, where that comes from, and how to change it.
import type { Setting, SettingChange } from "@fireside/protocol"
import { Button, Code, Group, NativeSelect, PasswordInput, Stack, Text, TextInput } from "@mantine/core"
import { notifications } from "@mantine/notifications"
import { type FormEvent, useState } from "react"
import { useTranslation } from "react-i18next"
import { useServerWords } from "../../server-words.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { StatusBadge } from "../../ui/status-badge.tsx"
import { readDraft, settingAccess, writeValue } from "./setting-draft.ts"
import { useSetSetting } from "./use-settings.ts"

export function SettingField({ setting }: { readonly setting: Setting }) {
  const { t } = useTranslation("settings")
  const { key, source, needsRestart } = setting
  const { description, otherwise } = useServerWords().setting(setting)
  const save = useSetSetting()
  const access = settingAccess(setting)
  const label = t(`label.${key}`, { defaultValue: key })

  function change(value: SettingChange["value"]): void {
    // A secret is never told, so there is nothing to go back to.
    const before = source === "file" && !setting.secret ? setting.value : null
    save.mutate(
      { key, value },
      {
        onSuccess() {
          const id = notifications.show({
            message: (
              <Group justify="space-between" wrap="nowrap">
                <Text size="sm">{t("saved", { label })}</Text>
                {!setting.secret && (
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    onClick={() => {
                      save.mutate({ key, value: before })
                      notifications.hide(id)
                    }}
                  >
                    {t("undo")}
                  </Button>
                )}
              </Group>
            ),
          })
        },
      },
    )
  }

  return (
    <Stack component="li" gap={6}>
      <SettingInput
        // What the server answers is what stands there afterwards.
        key={`${String(setting.value)} ${source}`}
        setting={setting}
        label={label}
        description={description}
        isDisabled={access !== "open"}
        isSaving={save.isPending}
        onSave={change}
      />
      <Group gap="xs">
        <Text size="xs" c="dimmed">
          {source === "default" && otherwise !== undefined
            ? t("default", { value: otherwise })
            : t(`source.${source}`)}
        </Text>
        {needsRestart && <StatusBadge tone="fair">{t("needsRestart")}</StatusBadge>}
        {access === "open" && source === "file" && (
          <Button size="compact-xs" variant="subtle" onClick={() => change(null)}>
            {t("reset")}
            <span className="visually-hidden">: {label}</span>
          </Button>
        )}
      </Group>
      {access === "terminal" && (
        <Text size="xs" c="dimmed">
          {t("terminalOnly")} <Code>{`fireside config set ${key} …`}</Code>
        </Text>
      )}
      {access === "overruled" && (
        <Text size="xs" c="dimmed">
          {t("overruled")}
        </Text>
      )}
      {save.isError && <ErrorCard error={save.error} />}
    </Stack>
  )
}

interface SettingInputProps {
  readonly setting: Setting
  readonly label: string
  readonly description: string
  readonly isDisabled: boolean
  readonly isSaving: boolean
  readonly onSave: (value: SettingChange["value"]) => void
}

function SettingInput(props: SettingInputProps) {
  const { shape } = props.setting
  if (shape.type === "yes-or-no") return <ChoiceInput {...props} choices={["true", "false"]} />
  if (shape.type === "choice") return <ChoiceInput {...props} choices={shape.choices} />
  return <WrittenInput {...props} />
}

function ChoiceInput({
  setting,
  choices,
  label,
  description,
  isDisabled,
  isSaving,
  onSave,
}: SettingInputProps & { readonly choices: readonly string[] }) {
  const { t } = useTranslation("settings")
  const { shape, defaultValue, source, value } = setting
  const nameOf = (choice: string): string =>
    shape.type === "yes-or-no" ? t(choice === "true" ? "yes" : "no") : choice
  const usual = defaultValue === null ? undefined : nameOf(String(defaultValue))
  const written = source === "default" || value === null ? "" : String(value)
  return (
    <NativeSelect
      label={label}
      description={description}
      disabled={isDisabled || isSaving}
      value={written}
      data={[
        { value: "", label: usual === undefined ? t("source.default") : t("default", { value: usual }) },
        ...choices.map((choice) => ({ value: choice, label: nameOf(choice) })),
      ]}
      onChange={(event) => {
        const draft = readDraft(event.currentTarget.value, shape)
        if (draft.type === "value") onSave(draft.value)
      }}
    />
  )
}

/** Saved with a button, or Enter: what is half written must not count. */
function WrittenInput({ setting, label, description, isDisabled, isSaving, onSave }: SettingInputProps) {
  const { t } = useTranslation("settings")
  const { shape, secret, source, defaultValue } = setting
  const saved = secret || source === "default" ? "" : writeValue(setting.value, shape)
  const [written, setWritten] = useState(saved)
  const draft = readDraft(written, shape)
  const isChanged = written.trim() !== saved
  const usual = defaultValue === null ? undefined : writeValue(defaultValue, shape)
  const error =
    draft.type === "wrong"
      ? t(`wrong.${draft.reason}`, {
          ...(shape.type === "whole-number" ? { min: shape.min, max: shape.max } : {}),
          ...(shape.type === "text" ? { count: shape.maxLength } : {}),
        })
      : undefined
  // What happens without a value is said below, where it has room.
  const usualWords = usual === undefined ? t("unset") : t("default", { value: usual })
  const placeholder = secret && setting.value !== null ? t("secretSet") : usualWords
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (isChanged && draft.type === "value") onSave(draft.value)
  }
  const Input = secret ? PasswordInput : TextInput
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <Input
          style={{ flex: 1 }}
          label={label}
          description={description}
          placeholder={placeholder}
          value={written}
          error={isChanged ? error : undefined}
          disabled={isDisabled}
          inputMode={shape.type === "whole-number" ? "numeric" : "text"}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setWritten(event.currentTarget.value)}
        />
        {isChanged && (
          <Button type="submit" disabled={draft.type === "wrong"} loading={isSaving}>
            {t("save")}
          </Button>
        )}
      </Group>
    </form>
  )
}
