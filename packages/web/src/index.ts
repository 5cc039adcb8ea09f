export { LANGUAGES } from "./languages.ts"
