// The only way from a string to markup. The browser refuses any other (`require-trusted-types-for 'script'`).
import DOMPurify from "dompurify"

interface Policies {
  createPolicy(
    name: string,
    rules: {
      createHTML: (text: string) => string
      createScriptURL: (url: string) => string
    },
  ): unknown
}

/** Text of style elements and of inert documents; with a tag in it, only what is harmless. Of scripts, only the service worker. */
export function installTrustedTypes(): void {
  const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes
  policies?.createPolicy("default", {
    createHTML: (text) =>
      text.includes("<") ? DOMPurify.sanitize(text, { RETURN_TRUSTED_TYPE: false }) : text,
    createScriptURL: (url) => {
      if (new URL(url, location.origin).href !== `${location.origin}/service-worker.js`)
        throw new TypeError(`the page loads no script from ${url}`)
      return url
    },
  })
}
