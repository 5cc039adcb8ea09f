import { Kbd, Modal, Table } from "@mantine/core"
import { useTranslation } from "react-i18next"

const SHORTCUTS = [
  ["palette", "Ctrl K"],
  ["newChat", "Ctrl Shift O"],
  ["search", "Ctrl Shift F"],
  ["stop", "Esc"],
  ["send", "Enter"],
  ["editLast", "↑"],
  ["answers", "Alt ↑ ↓"],
  ["branches", "Alt ← →"],
  ["regions", "F6"],
  ["sheet", "Ctrl /"],
] as const

export function ShortcutSheet({
  opened,
  onClose,
}: {
  readonly opened: boolean
  readonly onClose: () => void
}) {
  const { t } = useTranslation("shell")
  return (
    <Modal opened={opened} onClose={onClose} title={t("shortcuts.title")}>
      <Table>
        <Table.Tbody>
          {SHORTCUTS.map(([name, keys]) => (
            <Table.Tr key={name}>
              <Table.Td>{t(`shortcuts.${name}`)}</Table.Td>
              <Table.Td ta="end">
                <Kbd>{keys}</Kbd>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  )
}
