// The system's Chromium, and what a page did in it: errors, refusals of its content security policy, addresses that it asked for.
import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll } from "vitest"
import { createFireside, type Fireside } from "../fireside.ts"
import { type Serving, startServing } from "../serve-process.ts"

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]

/** Undefined: this computer has none. In CI that is a failure, see the tests. */
export const CHROMIUM = PLACES.find((path) => existsSync(path))

/** Where pictures go; they are looked at by people. */
export const PICTURES_FOLDER =
  process.env.PICTURES_FOLDER ?? join("node_modules", ".cache", "fireside-tests", "pictures")

export interface Visit extends AsyncDisposable {
  readonly page: Page
  /** Uncaught errors and console errors. */
  readonly errors: readonly string[]
  /** Hosts that were asked for anything, with their port. */
  readonly hosts: ReadonlySet<string>
  picture(name: string): Promise<void>
}

export interface VisitOptions {
  readonly theme?: "light" | "dark"
  readonly size?: { readonly width: number; readonly height: number }
  readonly locale?: string
  /** Needed where a test answers in the server's place: what goes through the worker cannot be answered so. */
  readonly withoutWorker?: boolean
}

export async function openBrowser(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error("There is no Chromium here: install the package chromium.")
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] })
}

export async function visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visit> {
  const {
    theme = "light",
    size = { width: 1280, height: 800 },
    locale = "en-GB",
    withoutWorker = false,
  } = options
  const context = await browser.newContext({
    colorScheme: theme,
    viewport: size,
    locale,
    serviceWorkers: withoutWorker ? "block" : "allow",
  })
  return visitIn(context, url)
}

/** Another tab of the same browser. */
export async function visitIn(context: BrowserContext, url: string): Promise<Visit> {
  const page = await context.newPage()
  // Below the time of a test, so that what never came is named.
  page.setDefaultTimeout(20_000)
  const errors: string[] = []
  const hosts = new Set<string>()
  page.on("pageerror", (error) => errors.push(String(error)))
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text())
  })
  page.on("request", (request) => {
    const asked = new URL(request.url())
    if (asked.protocol !== "blob:" && asked.protocol !== "data:") hosts.add(asked.host)
  })
  await page.goto(url)
  return {
    page,
    errors,
    hosts,
    async picture(name) {
      await mkdir(PICTURES_FOLDER, { recursive: true })
      await page.screenshot({ path: join(PICTURES_FOLDER, `${name}.png`), animations: "disabled" })
    },
    [Symbol.asyncDispose]: () => context.close(),
  }
}

export interface PageWorld {
  readonly fireside: Fireside
  readonly serving: Serving
  readonly browser: Browser
}

/** A server and a browser for the tests of a file. Call it beside them; what it returns is filled before the first one. */
export function usePageWorld(flags: readonly string[] = []): PageWorld {
  const world: { fireside?: Fireside; serving?: Serving; browser?: Browser } = {}
  beforeAll(async () => {
    world.fireside = await createFireside()
    world.serving = await startServing(world.fireside, flags)
    world.browser = await openBrowser()
  })
  afterAll(async () => {
    await world.browser?.close()
    await world.serving?.[Symbol.asyncDispose]()
    await world.fireside?.[Symbol.asyncDispose]()
  })
  return world as PageWorld // vitest runs nothing before `beforeAll` has ended
}

/** Until nothing stands in for what is still being read. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[class*="Skeleton-root"]') === null)
}
