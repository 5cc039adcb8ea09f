import { Button } from "@mantine/core"
import { notifications } from "@mantine/notifications"

export interface UndoOffer {
  /** What was done. */
  readonly message: string
  /** The button's word. */
  readonly label: string
  readonly onUndo: () => void
}

/** Undo in place of a question: for ten seconds. */
export function offerUndo({ message, label, onUndo }: UndoOffer): void {
  const notice = notifications.show({
    message: (
      <>
        {message}{" "}
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => {
            onUndo()
            notifications.hide(notice)
          }}
        >
          {label}
        </Button>
      </>
    ),
    autoClose: 10_000,
  })
}
