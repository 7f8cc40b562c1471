import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** What of `playwright-core` is used here: it is installed by the script that runs these tests, without its types. */
export type Page = {
  readonly goto: (url: string) => Promise<Answer | null>
  readonly url: () => string
  readonly waitForURL: (url: (url: URL) => boolean) => Promise<void>
  readonly getByRole: (role: string, options?: { readonly name?: string | RegExp; readonly level?: number }) => Locator
  readonly keyboard: { readonly press: (key: string) => Promise<void> }
  readonly evaluate: <T>(script: string) => Promise<T>
  readonly screenshot: (options: { readonly path: string; readonly fullPage: true }) => Promise<unknown>
  readonly on: (event: 'console' | 'pageerror', listener: (message: { text?: () => string }) => void) => void
}
type Answer = { readonly status: () => number; readonly headers: () => Readonly<Record<string, string>> }
type Locator = {
  readonly click: () => Promise<void>
  readonly waitFor: () => Promise<void>
  readonly allTextContents: () => Promise<readonly string[]>
}
type Context = { readonly newPage: () => Promise<Page>; readonly close: () => Promise<void> }
export type ContextOptions = {
  readonly colorScheme?: 'light' | 'dark'
  readonly viewport?: { readonly width: number; readonly height: number }
}
export type Chromium = {
  readonly newContext: (options?: ContextOptions) => Promise<Context>
  readonly version: () => string
  readonly close: () => Promise<void>
}

const packages = createRequire(join(process.env['BROWSER_PACKAGES'] ?? '', 'package.json'))
const AXE = readFileSync(packages.resolve('axe-core/axe.min.js'), 'utf8')

export function launchChromium(): Promise<Chromium> {
  const { chromium } = packages('playwright-core')
  const name = process.env['CHROMIUM_PATH'] ?? 'chromium'
  const executablePath = name.includes('/') ? name : execFileSync('which', [name], { encoding: 'utf8' }).trim()
  // as root Chromium has no sandbox; it sees pages of this test only
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
}

export const screenshot = (page: Page, name: string): Promise<unknown> =>
  page.screenshot({ path: join(process.env['ARTIFACTS'] ?? '', `${name}.png`), fullPage: true })

/** What axe finds: the rule, and the elements that break it. Evaluated beside the page, whose CSP allows no script. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE)
  return page.evaluate(`axe.run(document).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`)
}
