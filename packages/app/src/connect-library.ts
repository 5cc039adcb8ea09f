// The library out of the settings.
import type { Egress } from "@fireside/egress"
import { type Clock, type Config, type Database, type Log, readEnvironment } from "@fireside/host"
import { createLibrary, type Library } from "@fireside/library"

export interface ConnectLibraryOptions {
  readonly config: Config
  readonly log: Log
  readonly clock: Clock
  readonly openEgress: () => Promise<Egress>
  readonly openDatabase: () => Promise<Database>
}

export function connectLibrary(options: ConnectLibraryOptions): Library {
  const { config, log, clock, openEgress, openDatabase } = options
  const { values, paths } = config
  return createLibrary({
    paths,
    settings: values,
    openEgress,
    openDatabase,
    environment: readEnvironment(),
    // A user without a home has no stores of other programs either; ours holds none of theirs.
    userHome: config.userHome ?? paths.home,
    log,
    clock,
  })
}
