import { createServer, type Server as HttpServer } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { legacySdk, type Memory, newMemory } from '../e2e/oauth-clients.ts'
import { type Machine, openMachine, type Server } from '../e2e/portcullis.ts'
import {
  accessibilityFaults,
  type Chromium,
  type ContextOptions,
  launchChromium,
  type Page,
  screenshot,
} from './chromium.ts'

jest.setTimeout(120_000)

let machine: Machine
let server: Server
let chromium: Chromium
let callback: HttpServer
let redirect: string
beforeAll(async () => {
  machine = await openMachine()
  server = await machine.serve()
  chromium = await launchChromium()
  callback = createServer((_req, res) => res.setHeader('content-type', 'text/html').end('<title>Back</title>Back'))
  await new Promise<void>((resolve) => callback.listen(0, '127.0.0.1', resolve))
  const address = callback.address()
  redirect = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/callback`
})
afterAll(async () => {
  await chromium?.close()
  callback?.close()
  await machine.remove()
})

const contexts: { readonly close: () => Promise<void> }[] = []
const complaints: string[] = []
beforeEach(() => {
  complaints.length = 0
})
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()))
})

async function openPage(options: ContextOptions = {}): Promise<Page> {
  const context = await chromium.newContext(options)
  contexts.push(context)
  const page = await context.newPage()
  page.on('console', (message) => complaints.push(message.text?.() ?? ''))
  page.on('pageerror', (error) => complaints.push(String(error)))
  return page
}

/** A client that waits for its person; what it has in memory afterwards is what the login gave it. */
async function waitingClient(memory: Memory) {
  const client = legacySdk.open(server.url, memory)
  await expect(client.connect()).rejects.toThrow()
  return client
}

const authorizationUrl = (memory: Memory) => String(memory.opened.at(-1))
const arrived = (page: Page) => page.waitForURL((url) => url.pathname === '/callback')
const shows = (page: Page, title: string) => page.getByRole('heading', { name: title, level: 1 }).waitFor()

const LOOKS = [
  { look: 'light', options: { colorScheme: 'light' } },
  { look: 'dark', options: { colorScheme: 'dark' } },
  { look: 'narrow', options: { viewport: { width: 320, height: 640 } } },
] as const satisfies readonly { look: string; options: ContextOptions }[]

describe.each(LOOKS)('$look', ({ look, options }) => {
  test('a person logs in, consents, and the client is in', async () => {
    const memory = newMemory(redirect)
    const client = await waitingClient(memory)
    const page = await openPage(options)

    await page.goto(authorizationUrl(memory))
    await shows(page, 'Choose a demo user')
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await screenshot(page, `login-${look}`)
    await page.getByRole('button', { name: /^user/ }).click()

    await shows(page, 'Let End-to-end test in?')
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await screenshot(page, `consent-${look}`)
    expect(await page.getByRole('definition').allTextContents()).toEqual([
      'user',
      'End-to-end test',
      `a program on this machine (${new URL(redirect).host})`,
    ])
    expect(await page.getByRole('listitem').allTextContents()).toEqual([
      'Use the tools that only read: list, search and read the files that you may read (mcp:read)',
    ])
    await page.getByRole('button', { name: 'Allow' }).click()

    await arrived(page)
    await client.finish(new URL(page.url()).searchParams)
    const again = legacySdk.open(server.url, memory)
    await again.connect()
    expect(await again.listTools()).toHaveLength(4)
    await again.close()
    expect(complaints).toEqual([])
  })
})

test('the keyboard is enough, and shows where it is', async () => {
  const memory = newMemory(redirect)
  await waitingClient(memory)
  const page = await openPage()
  await page.goto(authorizationUrl(memory))
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  expect(await page.evaluate('document.activeElement.value')).toBe('user')
  expect(await page.evaluate('getComputedStyle(document.activeElement).outlineWidth')).toBe('3px')
  await page.keyboard.press('Enter')
  await shows(page, 'Let End-to-end test in?')
})

test('another user can be chosen, and the client can be refused', async () => {
  const memory = newMemory(redirect)
  await waitingClient(memory)
  const page = await openPage()
  await page.goto(authorizationUrl(memory))
  await page.getByRole('button', { name: /^admin/ }).click()
  await shows(page, 'Let End-to-end test in?')
  await page.getByRole('button', { name: 'Be another user' }).click()
  await shows(page, 'Choose a demo user')
  await page.getByRole('button', { name: /^readonly/ }).click()
  await shows(page, 'Let End-to-end test in?')
  expect((await page.getByRole('definition').allTextContents())[0]).toBe('readonly')
  await page.getByRole('button', { name: 'Deny' }).click()
  await arrived(page)
  expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied')
})

test('a login that cannot go on says so', async () => {
  const memory = newMemory(redirect)
  await waitingClient(memory)
  const page = await openPage()
  const wrong = new URL(authorizationUrl(memory))
  wrong.searchParams.set('redirect_uri', 'http://evil.example/callback')
  const answer = await page.goto(String(wrong))
  expect(answer?.status()).toBe(400)
  await shows(page, 'This login cannot go on')
  expect(await accessibilityFaults(page)).toEqual([])
  await screenshot(page, 'error')
})
