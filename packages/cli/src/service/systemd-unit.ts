// The unit for systemd. Shut in as far as engine processes still can be shut in further: they make namespaces, mounts and a loopback device
// of their own, so nothing here may forbid those (RestrictNamespaces, SystemCallFilter without @mount) or mask parts of /proc, which the
// kernel answers by refusing new mounts of it (ProtectKernelTunables, ProtectProc). PrivateDevices and ProtectClock would hide graphics
// processors, MemoryDenyWriteExecute would end the JavaScript engine.
import type { ServiceFacts } from "./service-facts.ts"

export function systemdUnit({ command, home, userName }: ServiceFacts): string {
  const isSystem = userName !== undefined
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ["Unit", ["Description=Fireside, open language models on this computer", "After=network.target"]],
    [
      "Service",
      [
        "Type=exec",
        `ExecStart=${command.map(quoteArgument).join(" ")}`,
        `Environment=${quoteValue(`FIRESIDE_HOME=${home}`)}`,
        ...(isSystem ? [`User=${userName}`] : []),
        "Restart=on-failure",
        "RestartSec=2",
        "# Wrong usage and a refused configuration do not get better by trying again.",
        "RestartPreventExitStatus=2 78",
        "# The first signal lets running answers finish.",
        "KillMode=mixed",
        "TimeoutStopSec=20",
        "UMask=0077",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "ProtectHome=read-only",
        `ReadWritePaths=${quoteValue(home)}`,
        "PrivateTmp=yes",
        "ProtectControlGroups=yes",
        "ProtectKernelModules=yes",
        "ProtectHostname=yes",
        "LockPersonality=yes",
        "RestrictRealtime=yes",
        "RestrictSUIDSGID=yes",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
        "SystemCallArchitectures=native",
        ...(isSystem ? ["CapabilityBoundingSet=", "AmbientCapabilities="] : []),
      ],
    ],
    ["Install", [`WantedBy=${isSystem ? "multi-user.target" : "default.target"}`]],
  ]
  return sections.map(([name, lines]) => `[${name}]\n${lines.join("\n")}\n`).join("\n")
}

/** One word of a value: quotes and backslashes as in C, `%` doubled because it begins systemd's own names. */
const quoteValue = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("%", "%%")}"`

/** In a command `$` begins a variable. */
const quoteArgument = (text: string): string => quoteValue(text).replaceAll("$", "$$$$")
