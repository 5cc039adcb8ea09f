import { expect, test } from "vitest"
import { createMeter } from "../metrics/create-meter.ts"
import { allRoutes } from "../routes/all-routes.ts"
import { describeApi } from "./openapi.ts"

test("every operation has an id of its own, and its path's parameters", () => {
  const meter = createMeter(() => ({ running: 0, waiting: 0, capacity: 1, models: [] }))
  const routes = allRoutes({ meter, version: "1.0.0", requestStop: () => {} })
  // Plain JSON of this shape.
  const { paths } = describeApi(routes, "1.0.0") as {
    paths: Record<
      string,
      Record<string, { operationId: string; parameters?: { name: string; in: string }[] }>
    >
  }
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, ...operation })),
  )
  expect(operations).toHaveLength(routes.length)
  const ids = operations.map((operation) => operation.operationId)
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
  for (const { path, parameters = [] } of operations)
    expect(parameters.filter((it) => it.in === "path").map((it) => `{${it.name}}`)).toEqual(
      path.match(/\{\w+\}/g) ?? [],
    )
})
