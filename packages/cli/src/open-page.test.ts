import { expect, test } from "vitest"
import { hasScreen } from "./open-page.ts"

test.each([
  ["linux", { DISPLAY: ":0" }, true],
  ["linux", { WAYLAND_DISPLAY: "wayland-0" }, true],
  ["linux", {}, false],
  ["linux", { DISPLAY: "" }, false],
  ["linux", { DISPLAY: ":0", SSH_CONNECTION: "1" }, false],
  ["darwin", {}, true],
  ["win32", {}, true],
  ["darwin", { CI: "true" }, false],
] as const)("on %s with %j a page can be shown: %s", (platform, environment, expected) => {
  expect(hasScreen(environment, platform)).toBe(expected)
})
