// A process that pulls one model from a loopback hub: run by fault tests, which kill it. Arguments: home, hub, name.
import { layoutOf, openDatabase, prepareHome, SYSTEM_CLOCK } from "@fireside/host"
import { createLibrary } from "../create-library.ts"
import { createDirectEgress } from "./direct-egress.ts"
import { PULL_CHILD_BOUNDS } from "./pull-child-bounds.ts"

const [home = "", hub = "", name = ""] = process.argv.slice(2)
const paths = layoutOf(home)
await prepareHome(paths)
const egress = createDirectEgress()
const library = createLibrary({
  paths,
  settings: { hfEndpoint: hub },
  openEgress: async () => egress,
  openDatabase: () => openDatabase(paths),
  environment: {},
  userHome: home,
  clock: SYSTEM_CLOCK,
  bounds: PULL_CHILD_BOUNDS,
})
for await (const event of library.pull(name, {}, new AbortController().signal))
  if (event.type === "finish") process.stdout.write(`${event.digest}\n`)
