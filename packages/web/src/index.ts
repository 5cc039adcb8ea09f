export { PAGE_PATHS } from "./page-paths.ts"
