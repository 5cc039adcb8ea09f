// Begins a download; a licence with conditions is asked about before anything is fetched.
import type { CatalogueModel } from "@fireside/protocol"
import { Button } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { LicenceQuestion } from "./licence-question.tsx"
import type { Pull } from "./use-pull.ts"

export interface DownloadButtonProps {
  readonly pull: Pull
  readonly model: Pick<CatalogueModel, "title" | "licence">
  readonly isDisabled?: boolean
  readonly variant?: "filled" | "default"
  readonly children: ReactNode
}

export function DownloadButton({
  pull,
  model,
  isDisabled = false,
  variant = "filled",
  children,
}: DownloadButtonProps) {
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <Button
        variant={variant}
        loading={pull.isBusy}
        disabled={isDisabled}
        onClick={() => (model.licence.permissive ? pull.start() : setAsking(true))}
      >
        {children}
      </Button>
      <LicenceQuestion
        title={model.title}
        licence={model.licence}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        onAccept={() => {
          setAsking(false)
          pull.start({ acceptLicence: true })
        }}
      />
    </>
  )
}
