// What a file of `commands/` exports, and the table of all of them. A module is imported only when its command is called.
import type { Command } from "commander"
import type { CommandContext } from "./context.ts"

export interface CommandModule {
  /** Adds arguments, flags, subcommands and the action. Does nothing else: the reference is generated from it. */
  define(command: Command, context: CommandContext): void
}

export interface CommandEntry {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly summary: string
  readonly load: () => Promise<CommandModule>
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "run",
    summary: "chat with a model, or ask it one thing",
    load: async () => (await import("./commands/run.ts")).run,
  },
  {
    name: "pull",
    summary: "download a model",
    load: async () => (await import("./commands/pull.ts")).pull,
  },
  {
    name: "list",
    aliases: ["ls"],
    summary: "list the models in your library",
    load: async () => (await import("./commands/list.ts")).list,
  },
  {
    name: "show",
    summary: "show what a model is and how it is set",
    load: async () => (await import("./commands/show.ts")).show,
  },
  {
    name: "search",
    summary: "find models to download",
    load: async () => (await import("./commands/search.ts")).search,
  },
  {
    name: "ps",
    summary: "list the models that are loaded",
    load: async () => (await import("./commands/ps.ts")).ps,
  },
  {
    name: "stop",
    summary: "unload a model, or stop the server",
    load: async () => (await import("./commands/stop.ts")).stop,
  },
  {
    name: "rm",
    summary: "remove models",
    load: async () => (await import("./commands/rm.ts")).rm,
  },
  {
    name: "cp",
    summary: "give a model a second name",
    load: async () => (await import("./commands/cp.ts")).cp,
  },
  {
    name: "create",
    summary: "make a model out of another one, as a Modelfile says",
    load: async () => (await import("./commands/create.ts")).create,
  },
  {
    name: "convert",
    summary: "make a copy of a model that this machine reads faster",
    load: async () => (await import("./commands/convert.ts")).convert,
  },
  {
    name: "import",
    summary: "add a GGUF file of yours to the library",
    load: async () => (await import("./commands/import.ts")).importCommand,
  },
  {
    name: "verify",
    summary: "check the files of models against their digests",
    load: async () => (await import("./commands/verify.ts")).verify,
  },
  {
    name: "chats",
    summary: "list, find, export, import and remove stored chats",
    load: async () => (await import("./commands/chats.ts")).chats,
  },
  {
    name: "serve",
    summary: "serve programs that speak to OpenAI, Ollama or Anthropic",
    load: async () => (await import("./commands/serve.ts")).serve,
  },
  {
    name: "launch",
    summary: "start a coding agent or chat program with Fireside behind it",
    load: async () => (await import("./commands/launch.ts")).launch,
  },
  {
    name: "service",
    summary: "print what systemd or launchd needs to run the server",
    load: async () => (await import("./commands/service.ts")).service,
  },
  {
    name: "key",
    summary: "make and revoke keys for other programs",
    load: async () => (await import("./commands/key.ts")).key,
  },
  {
    name: "cache",
    summary: "see, clear and prepare what is kept of computed prompts",
    load: async () => (await import("./commands/cache.ts")).cache,
  },
  {
    name: "privacy",
    summary: "see and decide what may leave this machine",
    load: async () => (await import("./commands/privacy.ts")).privacy,
  },
  {
    name: "doctor",
    summary: "check this machine and this installation",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  {
    name: "bench",
    summary: "measure a model on this machine",
    load: async () => (await import("./commands/bench.ts")).bench,
  },
  {
    name: "config",
    summary: "read and change settings",
    load: async () => (await import("./commands/config.ts")).config,
  },
]
