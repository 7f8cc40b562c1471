import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'
import { action } from './composite-action.ts'

const ROOT = new URL('../..', import.meta.url).pathname
const NEEDED = [
  'src',
  'scripts',
  'policies',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'test/policy',
  'dist',
  '.gitignore',
]
const readme = await readFile(join(ROOT, 'README.md'), 'utf8')

type Block = { readonly language: string; readonly mark: string; readonly text: string }
const blocks: readonly Block[] = [...readme.matchAll(/^```(\w+)(?: (\w+))?\n(.*?)^```$/gms)].map(
  ([, language = '', mark = '', text = '']) => ({ language, mark, text }),
)
const marked = (language: string, mark: string) =>
  blocks.filter((block) => block.language === language && block.mark === mark)

/** A copy of the clone, since a reader who follows the README edits its policies; and a home of its own. */
let clone: string
let home: string
let server: ChildProcess
let port: number

beforeAll(async () => {
  const cache = join(ROOT, 'node_modules/.cache/portcullis')
  await mkdir(cache, { recursive: true })
  clone = await mkdtemp(join(cache, 'readme-'))
  home = await mkdtemp(join(tmpdir(), 'portcullis-readme-'))
  for (const path of NEEDED)
    await cp(join(ROOT, path), join(clone, path), { recursive: true, preserveTimestamps: true })
  await symlink(join(ROOT, 'node_modules'), join(clone, 'node_modules'))
  for (const args of [
    ['init', '--quiet', '--initial-branch', 'main'],
    ['add', '--all'],
    ['commit', '--quiet', '-m', 'clone'],
  ])
    await promisify(execFile)('git', args, { cwd: clone, env: environment() })
  port = await freePort()
  server = spawn('npm', ['start', '--', '--port', String(port)], { cwd: clone, env: environment(), detached: true })
  await listening(server)
}, 120_000)

afterAll(async () => {
  if (server?.pid !== undefined && server.exitCode === null) process.kill(-server.pid, 'SIGTERM')
  await rm(clone, { recursive: true, force: true })
  await rm(home, { recursive: true, force: true })
})

const environment = () => ({
  ...process.env,
  HOME: home,
  XDG_STATE_HOME: join(home, 'state'),
  XDG_CACHE_HOME: join(home, 'cache'),
  GIT_AUTHOR_NAME: 'Reader',
  GIT_AUTHOR_EMAIL: 'reader@example.com',
  GIT_COMMITTER_NAME: 'Reader',
  GIT_COMMITTER_EMAIL: 'reader@example.com',
})

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (chunk: Buffer) => {
      output += chunk.toString()
      if (output.includes('Decision records:')) resolve()
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', (code) => reject(new Error(`npm start ended with ${code}:\n${output}`)))
  })
}

describe('the README', () => {
  test('its shell blocks run, and show what it says that they show', async () => {
    const [setUp, ...rest] = marked('sh', '')
    expect(setUp?.text).toBe('npm start\nnpm test\n')
    const script = ['set -euo pipefail', ...rest.map(({ text }) => text)].join('\n').replaceAll(':3000', `:${port}`)
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: clone, env: environment() })

    const [denied = '', , ...more] = stdout.split('\n')
    const shown = JSON.parse(marked('json', '')[0]?.text ?? '')
    const withoutId = (text: string) => text.replace(/\(decision [0-9a-f-]+\)/, '(decision …)')
    expect(withoutId(JSON.parse(denied).result.content[0].text)).toBe(withoutId(shown.result.content[0].text))
    expect(stdout).toContain('Anyone with a role may read this file.')
    const records = more.filter((line) => line.startsWith('{"kind"')).map((line) => JSON.parse(line))
    expect(records.map(({ kind }) => kind)).toEqual(['decision', 'outcome'])
    expect(records[0].decision_id).toBe(records[1].decision_id)
    expect(stdout).toMatch(/^\d+ passed, 0 failed$/m)
    expect(stdout).toContain('files.secret_suffix')

    // How many questions there are is not what the table is shown for.
    const table = (text: string) => text.split('\n').map((line) => line.replace(/\d+ \|$/, '… |'))
    const [, shownTable = ''] = /<!-- shown: diff -->\n(.*)\n<!-- end: diff -->/s.exec(readme) ?? []
    const shownRows = table(shownTable)
    const printed = table(stdout)
    const start = printed.indexOf(shownRows[0] ?? '')
    expect(printed.slice(start, start + shownRows.length)).toEqual(shownRows)
    expect(stdout).toMatch(/^Failed: newly-allowed.*\nexit code 1$/m)
    expect(stdout).toMatch(/^candidate .* version 1 /m)
    expect(stdout).toContain('It would be permitted with one of\n')
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^active /)
  }, 300_000)

  test('its pipelines name what there is', async () => {
    const [workflow, gitlab, preCommit] = ['github', 'gitlab', 'precommit'].map((mark) =>
      parse(marked('yaml', mark)[0]?.text ?? ''),
    )
    const steps: { id?: string; uses: string; with: object; if?: string }[] = workflow.jobs.policies.steps
    const step = steps.find(({ id }) => id === 'portcullis')
    expect(step?.uses).toBe('./scripts/action')
    expect(Object.keys(step?.with ?? {}).filter((name) => !(name in action.inputs))).toEqual([])
    const outputs = [...JSON.stringify(steps).matchAll(/steps\.portcullis\.outputs\.(\w+)/g)].map(([, name]) => name)
    expect(new Set(outputs)).toEqual(new Set(['sarif']))
    expect(action.outputs).toHaveProperty('sarif')

    const template = await readFile(join(ROOT, gitlab.include.file), 'utf8')
    expect(Object.keys(gitlab.variables).filter((name) => !template.includes(`$${name}`))).toEqual([])
    const hooks: { id: string }[] = parse(await readFile(join(ROOT, '.pre-commit-hooks.yaml'), 'utf8'))
    expect(preCommit.repos[0].hooks.map(({ id }: { id: string }) => id)).toEqual(hooks.map(({ id }) => id))
  })

  test('its client snippets are well formed', () => {
    for (const { text } of marked('sh', 'client')) {
      expect(spawnSync('bash', ['-n'], { input: text }).status).toBe(0)
      expect(text).toContain('http://127.0.0.1:3000/mcp')
    }
    for (const { text } of marked('json', 'client')) expect(text).toContain('http://127.0.0.1:3000/mcp')
    expect(marked('json', 'client').map(({ text }) => Object.keys(JSON.parse(text)))).toEqual([
      ['inputs', 'servers'],
      ['mcpServers'],
    ])
  })

  test('its configuration is one that starts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-config-'))
    await mkdir(join(folder, 'workspace'))
    await writeFile(join(folder, 'bundle.tar.gz'), '')
    await writeFile(join(folder, 'portcullis.yaml'), marked('yaml', 'config')[0]?.text ?? '')
    const config = await loadConfig({ file: join(folder, 'portcullis.yaml'), env: {}, flags: {}, cwd: folder })
    await rm(folder, { recursive: true })
    expect(config.ok ? [] : config.error).toEqual([])
  })

  test('its tables are those of the code', () => {
    expect(spawnSync(process.execPath, ['scripts/readme.js', '--check'], { cwd: ROOT, encoding: 'utf8' }).stderr).toBe(
      '',
    )
  })

  test('it links to files that are there', () => {
    const links = [...readme.matchAll(/\]\(((?:src|policies|scripts)[^)]*)\)/g)].map(([, path = '']) => path)
    expect(links.length).toBeGreaterThan(10)
    expect(links.filter((path) => spawnSync('test', ['-e', join(ROOT, path)]).status !== 0)).toEqual([])
  })
})
