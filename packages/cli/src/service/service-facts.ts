// What a service file is written from.
export interface ServiceFacts {
  /** Program and arguments, absolute paths in front. */
  readonly command: readonly string[]
  /** Data folder, absolute. */
  readonly home: string
  readonly logs: string
  /** The system's user that it runs as; undefined: a service of the user who installs it. */
  readonly userName: string | undefined
}
