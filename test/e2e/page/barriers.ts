// What would keep somebody from using a page: what axe finds and calls serious.
import { AxeBuilder } from "@axe-core/playwright"
import type { Page } from "playwright-core"

/** One line for each finding, with the elements that it is about; empty is well. */
export async function seriousBarriers(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`)
}
