// The only file that talks to the server.
import { type Client, createClient } from "@fireside/protocol"

const KEY_ITEM = "fireside-key"

/** The key with which this page speaks for somebody; none is needed on the owner's own computer. */
export function rememberKey(key: string): void {
  sessionStorage.setItem(KEY_ITEM, key)
}

const key = sessionStorage.getItem(KEY_ITEM)

export const api: Client = createClient({
  baseUrl: location.origin,
  fetch: (url, request) =>
    fetch(url, {
      ...request,
      cache: "no-store",
      credentials: "same-origin",
      // What ends with the page is still sent when the page is gone; such requests have no body, which would be limited.
      keepalive: request.method === "DELETE",
    }),
  ...(key === null ? {} : { key }),
})
