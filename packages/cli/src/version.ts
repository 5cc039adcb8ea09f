// The version of this package, which is the version of all of them.
import manifest from "../package.json" with { type: "json" }

export const VERSION: string = manifest.version
