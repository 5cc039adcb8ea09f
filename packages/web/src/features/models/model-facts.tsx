// The grey line below a model's name.
import type { ModelSummary } from "@fireside/protocol"
import { Text } from "@mantine/core"
import { useTranslation } from "react-i18next"
import { formatBytes, formatTime } from "../../ui/format.ts"
import { joinFacts } from "../../ui/join-facts.ts"

export function ModelFacts({ model }: { readonly model: ModelSummary }) {
  const { t, i18n } = useTranslation("models")
  const parts = [
    ...(model.parameters === "" ? [] : [t("facts.parameters", { parameters: model.parameters })]),
    formatBytes(model.sizeBytes, i18n.language),
    ...(model.quantization === "" ? [] : [model.quantization]),
    t("facts.licence", { licence: model.licence === "" ? t("facts.unknown") : model.licence }),
    t("facts.changed", { time: formatTime(model.modifiedAt, i18n.language) }),
    ...(model.inPlace ? [t("facts.inPlace")] : []),
  ]
  return (
    <Text size="sm" c="dimmed">
      {joinFacts(parts)}
    </Text>
  )
}
