import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'
import type { Readable } from 'node:stream'
import { type Answers, openBrowser } from '../e2e/browser.ts'

const BIN = join(process.env['CLIENT_PACKAGES'] ?? '', 'node_modules/.bin')

/** A home of its own, no desktop: what would open a browser does nothing. */
export const environment = (home: string): Record<string, string> => ({
  PATH: [BIN, process.env['PATH']].join(delimiter),
  HOME: home,
  BROWSER: 'true',
  // without a terminal the Inspector begins no login unless it may open a browser
  MCP_AUTO_OPEN_ENABLED: 'true',
  MCP_INSPECTOR_SECRET_STORE: 'memory',
})

export const programPath = (name: string): string => join(BIN, name)

/** Reads what a client prints until it names the address of the login, logs in there, and brings the answer back. */
export async function logInFor(output: Readable, answers: Answers): Promise<void> {
  const url = await new Promise<string>((resolve, reject) => {
    let text = ''
    output.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const found = /(http:\/\/127\.0\.0\.1:\d+\/auth\?\S+)\s/.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    })
    output.once('close', () => reject(new Error(`the client asked for no login:\n${text}`)))
  })
  const callback = await openBrowser().logIn(new URL(url), answers)
  await (await fetch(callback)).text()
}

export type Ran = { readonly code: number | null; readonly result: unknown }

/** Runs the Inspector once, with a login if one is given. */
export async function inspect(home: string, args: readonly string[], answers?: Answers): Promise<Ran> {
  const child = spawn(programPath('mcp-inspector'), ['--cli', ...args, '--format', 'json'], {
    env: environment(home),
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { stdout, stderr } = child
  let text = ''
  stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  let errors = ''
  stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const ended = once(child, 'close')
  if (answers !== undefined) await logInFor(stderr, answers)
  const [code] = await ended
  return { code, result: text === '' ? errors : JSON.parse(text).result }
}
