// The app of a command: with the models of the running server when there is one, otherwise all in this process.
import process from "node:process"
import type { OpenAppFlags, OpenedApp } from "@fireside/app"
import { connectToServer } from "./server-connection.ts"

/** An engine that is named on the command line is meant for this process. */
export async function openHere(flags: OpenAppFlags): Promise<OpenedApp> {
  const { openApp } = await import("@fireside/app")
  const opened = await openApp(flags)
  if (flags.engine !== undefined) return opened
  const connection = await connectToServer({ paths: opened.config.paths, log: opened.log })
  if (connection === undefined) return opened
  const { withServer } = await import("./remote-app.ts")
  return { ...opened, app: withServer(opened.app, connection.client, { folder: process.cwd() }) }
}
