// Where things are in the data folder, and the one function that joins a name from outside to a root.
import { join } from "node:path"

export interface Paths {
  readonly home: string
  readonly database: string
  readonly blobs: string
  readonly manifests: string
  readonly downloads: string
  readonly adapters: string
  readonly cache: string
  readonly run: string
  readonly logs: string
  readonly backups: string
}

/** The layout of a data folder. Makes nothing. */
export function layoutOf(home: string): Paths {
  return {
    home,
    database: join(home, "fireside.db"),
    blobs: join(home, "models", "blobs"),
    manifests: join(home, "models", "manifests"),
    downloads: join(home, "models", "downloads"),
    adapters: join(home, "adapters"),
    cache: join(home, "cache"),
    run: join(home, "run"),
    logs: join(home, "logs"),
    backups: join(home, "backups"),
  }
}
