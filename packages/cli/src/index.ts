export {
  type ArgumentReference,
  type CommandReference,
  commandReference,
  type FlagReference,
} from "./command-reference.ts"
