import { createTemporaryHome, type TemporaryHome } from "@fireside/host/testing"
import { afterEach, beforeEach, expect, test } from "vitest"
import { launchdPlist } from "../service/launchd-plist.ts"
import { systemdUnit } from "../service/systemd-unit.ts"
import { call } from "../testing.ts"

let home: TemporaryHome
beforeEach(async () => {
  home = await createTemporaryHome()
})
afterEach(async () => {
  await home[Symbol.asyncDispose]()
})
const parts = () => ({ home: home.paths.home })

test("the unit of a user", () => {
  const facts = {
    command: ["/usr/bin/node", "/opt/fire side/main.js", "serve"],
    home: "/home/ada/x",
    logs: "/l",
    userName: undefined,
  }
  expect(systemdUnit(facts)).toMatchInlineSnapshot(`
    "[Unit]
    Description=Fireside, open language models on this computer
    After=network.target

    [Service]
    Type=exec
    ExecStart="/usr/bin/node" "/opt/fire side/main.js" "serve"
    Environment="FIRESIDE_HOME=/home/ada/x"
    Restart=on-failure
    RestartSec=2
    # Wrong usage and a refused configuration do not get better by trying again.
    RestartPreventExitStatus=2 78
    # The first signal lets running answers finish.
    KillMode=mixed
    TimeoutStopSec=20
    UMask=0077
    NoNewPrivileges=yes
    ProtectSystem=strict
    ProtectHome=read-only
    ReadWritePaths="/home/ada/x"
    PrivateTmp=yes
    ProtectControlGroups=yes
    ProtectKernelModules=yes
    ProtectHostname=yes
    LockPersonality=yes
    RestrictRealtime=yes
    RestrictSUIDSGID=yes
    RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
    SystemCallArchitectures=native

    [Install]
    WantedBy=default.target
    "
  `)
})

test("nothing in a value ends it or begins something of systemd's", () => {
  const unit = systemdUnit({ command: ['/a "b"\\c$HOME%n\nX=1'], home: "/h %i", logs: "/l", userName: "ada" })
  expect(unit).toContain(String.raw`ExecStart="/a \"b\"\\c$$HOME%%n\nX=1"`)
  expect(unit).toContain('ReadWritePaths="/h %%i"\n')
  expect(unit).toContain("User=ada\n")
  expect(unit).toContain("WantedBy=multi-user.target")
})

test("what would keep engine processes from shutting themselves in is not in it", () => {
  const unit = systemdUnit({ command: ["/n"], home: "/h", logs: "/l", userName: "ada" })
  for (const name of [
    "RestrictNamespaces",
    "ProtectKernelTunables",
    "ProtectProc",
    "MemoryDenyWriteExecute",
    "PrivateDevices",
    "SystemCallFilter",
  ])
    expect(unit).not.toContain(`\n${name}=`)
})

test("the list for launchd", () => {
  const facts = { command: ["/n", 'a <b> & "c"'], home: "/Users/ada & co", logs: "/l", userName: undefined }
  expect(launchdPlist(facts)).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
    <plist version="1.0">
    <dict>
      <key>Label</key>
      <string>local.fireside</string>
      <key>ProgramArguments</key>
      <array>
        <string>/n</string>
        <string>a &lt;b&gt; &amp; "c"</string>
      </array>
      <key>EnvironmentVariables</key>
      <dict>
        <key>FIRESIDE_HOME</key>
        <string>/Users/ada &amp; co</string>
      </dict>
      <key>RunAtLoad</key>
      <true/>
      <key>KeepAlive</key>
      <dict>
        <key>SuccessfulExit</key>
        <false/>
      </dict>
      <key>ThrottleInterval</key>
      <integer>10</integer>
      <key>ExitTimeOut</key>
      <integer>20</integer>
      <key>Umask</key>
      <integer>63</integer>
      <key>StandardOutPath</key>
      <string>/l/service.log</string>
      <key>StandardErrorPath</key>
      <string>/l/service.log</string>
    </dict>
    </plist>
    "
  `)
})

test.each([
  [["systemd"], "[Service]", "~/.config/systemd/user/fireside.service"],
  [["systemd", "--user-name", "ada"], "User=ada", "/etc/systemd/system/fireside.service"],
  [[], '"serve"\n', "Nothing was installed"],
  [["systemd", "--", "--port", "4000"], '"serve" "--port" "4000"\n', "systemctl --user"],
  [["--", "--port", "4000"], '"serve" "--port" "4000"\n', "systemctl --user"],
  [["launchd"], "<key>RunAtLoad</key>", "launchctl bootstrap gui/"],
  [["launchd", "--user-name", "ada"], "<key>UserName</key>", "/Library/LaunchDaemons/"],
])("service %j", async (argv, out, err) => {
  const called = await call(["service", ...argv], { parts: parts() })
  expect(called.exitCode).toBe(0)
  expect(called.out).toContain(out)
  expect(called.out).toContain(home.paths.home)
  expect(called.err).toContain(err)
})

test.each([
  [["openrc"], "openrc is not known"],
  [["systemd", "--user-name", "a b\nExecStart=x"], "is no name of a user"],
])("service %j is refused", async (argv, message) => {
  const called = await call(["service", ...argv], { parts: parts() })
  expect(called).toMatchObject({ exitCode: 2, out: "" })
  expect(called.err).toContain(message)
})
