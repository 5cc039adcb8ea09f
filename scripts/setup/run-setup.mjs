// The rim of the root commands: one line for what a user can mend, the stack for what is our mistake.
import { Interrupted } from "./npm-client.mjs"
import { SetupError } from "./setup-error.mjs"

/** @param {() => Promise<void>} work */
export async function runSetup(work) {
  try {
    await work()
  } catch (error) {
    if (error instanceof Interrupted) {
      process.stderr.write("Set-up was stopped; the same command goes on with it.\n")
      process.kill(process.pid, error.signal)
      process.exitCode = 130
    } else if (error instanceof SetupError) {
      process.stderr.write(`${error.message}\n`)
      process.exitCode = 1
    } else throw error
  }
}
