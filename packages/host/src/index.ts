export { type Log, SILENT_LOG } from "./log.ts"
export { layoutOf, type Paths } from "./paths.ts"
