// Which models are loaded, in whatever process: one file each in `run/`, written by the process that has the model.
import type { RunningModel } from "@fireside/protocol"

export interface RegisteredModel extends Omit<RunningModel, "memoryBytes"> {
  /** Of this entry, unique in the data folder. */
  readonly key: string
  /** Process that loaded it (`pid` is the engine's). */
  readonly ownerPid: number
  readonly path: string
  /** Its process ended by itself, and the next request starts another. */
  readonly isDown?: boolean
}

export interface Registration extends AsyncDisposable {
  readonly key: string
  update(
    change: Partial<Pick<RegisteredModel, "expiresAt" | "pid" | "streams" | "queued" | "isDown">>,
  ): Promise<void>
}

export interface ModelRegistry {
  /** `onStop` is called when another process asks for the model to be unloaded. */
  register(model: Omit<RegisteredModel, "key" | "ownerPid">, onStop: () => void): Promise<Registration>
  /** Entries of processes that are alive; what dead ones left behind is removed. */
  list(): Promise<readonly RegisteredModel[]>
  /** Asks the owner to unload. Resolves when it has, or when the signal aborts. */
  requestStop(entry: RegisteredModel, signal: AbortSignal): Promise<void>
}
