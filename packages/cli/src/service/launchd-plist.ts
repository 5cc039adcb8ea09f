// The property list for launchd.
import { join } from "node:path"
import type { ServiceFacts } from "./service-facts.ts"

export const LAUNCHD_LABEL = "local.fireside"

export function launchdPlist({ command, home, logs, userName }: ServiceFacts): string {
  const text = (value: string): string => `<string>${escapeXml(value)}</string>`
  const entries: readonly (readonly [string, string])[] = [
    ["Label", text(LAUNCHD_LABEL)],
    ["ProgramArguments", `<array>\n${command.map((word) => `    ${text(word)}\n`).join("")}  </array>`],
    ["EnvironmentVariables", `<dict>\n    <key>FIRESIDE_HOME</key>\n    ${text(home)}\n  </dict>`],
    ...(userName === undefined ? [] : [["UserName", text(userName)] as const]),
    ["RunAtLoad", "<true/>"],
    // Started again after a failure, not after `fireside stop`.
    ["KeepAlive", "<dict>\n    <key>SuccessfulExit</key>\n    <false/>\n  </dict>"],
    ["ThrottleInterval", "<integer>10</integer>"],
    ["ExitTimeOut", "<integer>20</integer>"],
    // Files for this user alone: 077.
    ["Umask", "<integer>63</integer>"],
    ["StandardOutPath", text(join(logs, "service.log"))],
    ["StandardErrorPath", text(join(logs, "service.log"))],
  ]
  const body = entries.map(([key, value]) => `  <key>${key}</key>\n  ${value}\n`).join("")
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
${body}</dict>
</plist>
`
}

function escapeXml(text: string): string {
  // XML has no way to write most control characters; a path with them is not one that somebody chose.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  const clean = text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "")
  return clean.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
}
