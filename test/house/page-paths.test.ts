import { PAGE_PATHS } from "@fireside/web"
import { expect, test } from "vitest"
import { pageRoutes } from "../../packages/server/src/page/page-routes.ts"

test("the server gives out the page at every address that the page has", () => {
  const served = pageRoutes.map(({ path }) => path)
  for (const path of PAGE_PATHS.filter((address) => address !== "/")) expect(served).toContain(path)
})
