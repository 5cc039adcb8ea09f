// Images that come inside the request. Nothing is ever fetched for a client.
import { refuse } from "../refuse.ts"

/** `field` is where it stands in the body. Throws `bad-request`. */
export function decodeDataUrl(url: string, field: string): { mediaType: string; data: string } {
  // The head is short, the rest may be megabytes: no expression runs over all of it but one without a choice.
  const comma = url.indexOf(",")
  const head = url.slice(0, Math.min(comma < 0 ? url.length : comma, LONGEST_HEAD))
  if (!/^data:/i.test(head))
    throw refuse(
      field,
      "is an address, and images are not fetched",
      "Send the image itself: data:image/png;base64,…",
    )
  const match = /^data:(image\/[a-z0-9.+-]+)(?:;[a-z0-9-]+=[^;,]*)*;base64$/i.exec(head)
  const data = url.slice(comma + 1)
  if (match?.[1] === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(data))
    throw refuse(field, "is not an image as base64", "Its form is data:image/png;base64,…")
  return { mediaType: match[1].toLowerCase(), data }
}

const LONGEST_HEAD = 256
