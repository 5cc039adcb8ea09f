import { Anchor, Button, Code, Group, Modal, Stack, Text } from "@mantine/core"
import { useDisclosure } from "@mantine/hooks"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useTranslation } from "react-i18next"
import { GUIDE_PAGES } from "./guide-pages.ts"
import { guideTarget } from "./guide-target.ts"

const PAGES = GUIDE_PAGES.map(({ id }) => id)

/** A link between pages is an address of ours; one that leaves shows where it leads, and asks. */
export function GuideLink({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  const target = guideTarget(href, PAGES)
  switch (target.type) {
    case "page":
      return (
        <Anchor
          inherit
          underline="always"
          renderRoot={(props) => (
            <Link
              {...props}
              to="/help/$page"
              params={{ page: target.page }}
              {...(target.anchor === "" ? {} : { hash: target.anchor })}
            />
          )}
        >
          {children}
        </Anchor>
      )
    case "anchor":
      return (
        <Anchor inherit underline="always" href={`#${target.anchor}`}>
          {children}
        </Anchor>
      )
    case "outside":
      return (
        <OutsideLink url={target.url} host={target.host}>
          {children}
        </OutsideLink>
      )
    case "none":
      return <span>{children}</span>
    default:
      return target satisfies never
  }
}

interface OutsideLinkProps {
  readonly url: string
  readonly host: string
  readonly children: ReactNode
}

function OutsideLink({ url, host, children }: OutsideLinkProps) {
  const { t } = useTranslation("help")
  const [isOpen, dialog] = useDisclosure(false)
  return (
    <>
      <Anchor inherit underline="always" component="button" type="button" title={host} onClick={dialog.open}>
        {children}
      </Anchor>
      <Modal opened={isOpen} onClose={dialog.close} title={t("leave.title", { host })}>
        <Stack>
          <Text>{t("leave.text")}</Text>
          <Code block>{url}</Code>
          <Group justify="flex-end">
            <Button variant="default" onClick={dialog.close}>
              {t("leave.stay")}
            </Button>
            <Button component="a" href={url} target="_blank" rel="noopener noreferrer" onClick={dialog.close}>
              {t("leave.open")}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
