// The schema language that the words are written in, so that the wire formats of `server` are written in the same version of it.
export { z } from "zod"
