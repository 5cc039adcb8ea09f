import { expect, test } from "vitest"
import { decodeDataUrl } from "./data-url.ts"

test.each([
  ["data:image/png;base64,iVBORw0=", "image/png", "iVBORw0="],
  ["data:image/JPEG;base64,AAAA", "image/jpeg", "AAAA"],
  ["data:image/svg+xml;charset=utf-8;base64,AA==", "image/svg+xml", "AA=="],
])("%s is an image", (url, mediaType, data) => {
  expect(decodeDataUrl(url, "image")).toEqual({ mediaType, data })
})

test.each([
  ["https://example.org/a.png", /not fetched/],
  ["http://169.254.169.254/latest", /not fetched/],
  ["file:///etc/passwd", /not fetched/],
  ["/etc/passwd", /not fetched/],
  ["", /not fetched/],
  ["data:text/plain;base64,AAAA", /not an image/],
  ["data:image/png,AAAA", /not an image/],
  ["data:image/png;base64", /not an image/],
  ["data:image/png;base64,", /not an image/],
  ["data:image/png;base64,A*A", /not an image/],
  ["data:image/png;base64,AA=A", /not an image/],
])("%j is refused", (url, message) => {
  expect(() => decodeDataUrl(url, "image")).toThrow(
    expect.objectContaining({
      code: "bad-request",
      details: { field: "image" },
      message: expect.stringMatching(message),
    }),
  )
})

test("megabytes that are no image are refused in one pass", () => {
  const data = `${"A".repeat(4_000_000)}!`
  expect(() => decodeDataUrl(`data:image/png;base64,${data}`, "image")).toThrow(/not an image/)
  expect(() => decodeDataUrl(`data:image/png${";a=b".repeat(100_000)};base64,AA`, "image")).toThrow(
    /not an image/,
  )
})
