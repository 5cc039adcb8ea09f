export { isLoopback } from "./guard/bind-rules.ts"
export type { RunningServer, ServeOptions, TlsChoice } from "./server.ts"
export { readServerFile, type ServerFile } from "./server-file.ts"
export { startServer } from "./start-server.ts"
