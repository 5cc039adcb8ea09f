// The same model with room for more of the chat, as far as the memory of this computer allows.
import type { Conversation } from "@fireside/protocol"
import { Button, Group, Modal, Radio, Stack, Text } from "@mantine/core"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { useTranslation } from "react-i18next"
import { api } from "../../api.ts"
import { useChangeConversation } from "../../conversations/use-conversations.ts"
import { ErrorCard } from "../../ui/error-card.tsx"
import { formatBytes } from "../../ui/format.ts"
import { SkeletonList } from "../../ui/skeleton-list.tsx"

export interface LargerContextProps {
  readonly conversation: Conversation
  readonly model: string
  /** That it is loaded with now, tokens. */
  readonly contextLength: number
  readonly onClose: () => void
}

export function LargerContext({ conversation, model, contextLength, onClose }: LargerContextProps) {
  const { t, i18n } = useTranslation("chat")
  const queries = useQueryClient()
  const change = useChangeConversation()
  const [wanted, setWanted] = useState<number>()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["contexts", model],
    queryFn: ({ signal }) => api.models.contexts(model, signal),
  })
  const load = useMutation({
    async mutationFn(length: number) {
      await api.load({ model, contextLength: length })
      await change.mutateAsync({ id: conversation.id, change: { contextLength: length } })
      await queries.invalidateQueries({ queryKey: ["running"] })
    },
    onSuccess: onClose,
  })
  const number = new Intl.NumberFormat(i18n.language)
  const larger = (data ?? []).filter((choice) => choice.contextLength > contextLength)
  const chosen = wanted ?? larger.find(({ fits }) => fits)?.contextLength
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("full.larger")}
      closeButtonProps={{ "aria-label": t("full.close") }}
    >
      <Stack gap="sm">
        <Text size="sm">{t("full.largerText", { of: number.format(contextLength) })}</Text>
        {error !== null ? (
          <ErrorCard error={error} onRetry={() => void refetch()} />
        ) : isPending ? (
          <SkeletonList rows={3} height={20} />
        ) : larger.length === 0 ? (
          <Text size="sm">{t("full.largest")}</Text>
        ) : (
          <Radio.Group
            value={chosen === undefined ? "" : String(chosen)}
            onChange={(value) => setWanted(Number(value))}
            aria-label={t("full.larger")}
          >
            <Stack gap="xs">
              {larger.map((choice) => (
                <Radio
                  key={choice.contextLength}
                  value={String(choice.contextLength)}
                  disabled={!choice.fits}
                  label={t("full.tokens", { n: number.format(choice.contextLength) })}
                  // The engine without weights needs none.
                  description={
                    choice.neededBytes === 0
                      ? undefined
                      : t(choice.fits ? "full.fits" : "full.tooLarge", {
                          needed: formatBytes(choice.neededBytes, i18n.language),
                          available: formatBytes(choice.availableBytes, i18n.language),
                        })
                  }
                />
              ))}
            </Stack>
          </Radio.Group>
        )}
        {load.error === null ? null : <ErrorCard error={load.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("full.cancel")}
          </Button>
          <Button
            disabled={chosen === undefined}
            loading={load.isPending}
            onClick={() => {
              if (chosen !== undefined) load.mutate(chosen)
            }}
          >
            {t("full.load")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
