// Set-up as `npm start` calls it, for the folder given; says `ready` in place of starting a program.
import { ensureInstalled } from "../../scripts/setup/ensure-installed.mjs"
import { runSetup } from "../../scripts/setup/run-setup.mjs"

await runSetup(async () => {
  await ensureInstalled(process.argv[2] ?? "")
  process.stdout.write("ready")
})
