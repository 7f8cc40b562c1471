import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { writeTree } from '../../policy/tools.ts'

type Tool = {
  readonly name: string
  readonly version: string
  readonly accepts: (version: string) => boolean
  readonly variable: string
  readonly source: string
  readonly package: string
  readonly flags: readonly string[]
  readonly releases: string
  readonly assets: Readonly<Record<string, { asset: string; sha256?: string }>>
}
type Surroundings = {
  readonly env: Readonly<Record<string, string>>
  readonly platform: string
  readonly log: (line: string) => void
}
type Toolchain = { readonly locate: (tool: Tool, at: Surroundings) => Promise<string> }
type Tools = { readonly TOOLS: Readonly<Record<'opa' | 'regal', Tool>> }

// The scripts are plain JavaScript, out of sight of the type checker.
const load = <T>(name: string): Promise<T> =>
  import(new URL(`../../../scripts/${name}`, import.meta.url).href as string)
const { locate } = await load<Toolchain>('toolchain.js')
const { TOOLS } = await load<Tools>('tools.js')

let dir: string
let remove: () => void
let server: Server | undefined

beforeEach(() => {
  ;({ dir, remove } = writeTree({}))
  for (const folder of ['path', 'cache', 'source']) mkdirSync(join(dir, folder))
})
afterEach(() => {
  remove()
  server?.close()
  server = undefined
})

/** A shell script that stands for a binary of a version. */
function binary(path: string, version: string): string {
  const file = join(dir, path)
  writeFileSync(file, `#!/bin/sh\necho "Version: ${version}"\n`)
  chmodSync(file, 0o755)
  return file
}

const toolWith = (more: Partial<Tool> = {}): Tool => ({
  name: 'opa',
  version: '1.22.2',
  accepts: (version) => version.startsWith('1.22.'),
  variable: 'TOOL',
  source: join(dir, 'source'),
  package: 'example.org/opa',
  flags: [],
  releases: 'http://127.0.0.1:1/',
  assets: {},
  ...more,
})
const at = (env: Readonly<Record<string, string>> = {}): Surroundings => ({
  env: { PATH: join(dir, 'path'), XDG_CACHE_HOME: join(dir, 'cache'), ...env },
  platform: 'linux-x64',
  log: () => undefined,
})
const cached = () => join(dir, 'cache/portcullis/bin/opa-1.22.2')

/** Serves one asset and gives the tool that would download it. */
async function released(content: string, sha256: string): Promise<Tool> {
  const listening = createServer((_request, response) => response.end(content))
  server = listening
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  const address = listening.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return toolWith({ releases: `http://127.0.0.1:${port}/`, assets: { 'linux-x64': { asset: 'opa_linux', sha256 } } })
}

describe('a tool is found', () => {
  test('where the variable says, before anything else', async () => {
    binary('path/opa', '1.22.2')
    const named = binary('mine', '1.22.9')
    expect(await locate(toolWith(), at({ TOOL: named }))).toBe(named)
  })

  test('on PATH, when its version is accepted', async () => {
    const found = binary('path/opa', '1.22.0')
    expect(await locate(toolWith(), at())).toBe(found)
  })

  test('in the cache, when PATH has another version', async () => {
    binary('path/opa', '0.70.0')
    mkdirSync(join(dir, 'cache/portcullis/bin'), { recursive: true })
    binary('cache/portcullis/bin/opa-1.22.2', '1.22.2')
    expect(await locate(toolWith(), at())).toBe(cached())
  })

  test('in the release, whose checksum is pinned, and is cached whole', async () => {
    const content = '#!/bin/sh\necho "Version: 1.22.2"\n'
    const tool = await released(content, createHash('sha256').update(content).digest('hex'))
    expect(await locate(tool, at())).toBe(cached())
    expect(readFileSync(cached(), 'utf8')).toBe(content)
    expect(readdirSync(join(dir, 'cache/portcullis/bin'))).toEqual(['opa-1.22.2'])
  })

  test('by building it, with the module pinned and without cgo', async () => {
    const go =
      '#!/bin/sh\nif [ "$1" = version ]; then echo go1.26; exit; fi\necho "$CGO_ENABLED $PWD $*" > "$4"; chmod +x "$4"\n'
    writeFileSync(join(dir, 'path/go'), go.replace('chmod', '/bin/chmod'), { mode: 0o755 })
    expect(await locate(toolWith({ flags: ['-trimpath'] }), at())).toBe(cached())
    expect(readFileSync(cached(), 'utf8')).toMatch(
      new RegExp(`^0 ${join(dir, 'source')} build -trimpath -o ${cached()}\\S+ example.org/opa\\n$`),
    )
  })

  test('by two at once, each whole', async () => {
    const content = 'x'.repeat(100_000)
    const tool = await released(content, createHash('sha256').update(content).digest('hex'))
    expect(await Promise.all([locate(tool, at()), locate(tool, at())])).toEqual([cached(), cached()])
    expect(readFileSync(cached(), 'utf8')).toBe(content)
  })
})

describe('a tool is not found', () => {
  const failure = (tool: Tool, surroundings: Surroundings) =>
    locate(tool, surroundings).then(
      () => 'found',
      (error: Error) => error.message,
    )
  const remedy = 'Put opa 1.22.2 on PATH, or set TOOL to its path, or install Go 1.26 or newer.'

  test('and one message names every attempt', async () => {
    binary('path/opa', '0.70.0')
    expect(await failure(toolWith(), at())).toBe(
      [
        'opa 1.22.2 is needed and could not be had:',
        '  1. TOOL is not set',
        `  2. ${join(dir, 'path/opa')} is not of an accepted version (it has 0.70.0)`,
        `  3. nothing in the cache at ${cached()}`,
        '  4. no release downloaded: no pinned checksum for linux-x64',
        '  5. not built from source: no go command on PATH',
        remedy,
      ].join('\n'),
    )
  })

  test('when the variable is wrong, which ends the search', async () => {
    binary('path/opa', '1.22.2')
    expect(await failure(toolWith(), at({ TOOL: '/no/such/opa' }))).toBe(
      [
        'opa 1.22.2 is needed and could not be had:',
        '  1. TOOL=/no/such/opa does not run: correct or unset it',
        remedy,
      ].join('\n'),
    )
  })

  test('in a release with another checksum', async () => {
    const tool = await released('evil', '0'.repeat(64))
    const sum = createHash('sha256').update('evil').digest('hex')
    expect(await failure(tool, at())).toContain(`has SHA-256 ${sum}, not the pinned ${'0'.repeat(64)}: not used`)
    expect(readdirSync(join(dir, 'cache'))).toEqual([])
  })

  test('in a release that cannot be reached', async () => {
    const tool = toolWith({ assets: { 'linux-x64': { asset: 'opa_linux', sha256: '0'.repeat(64) } } })
    expect(await failure(tool, at())).toContain('http://127.0.0.1:1/opa_linux could not be downloaded: ')
  })
})

describe('the pinned versions', () => {
  const cases = [
    { tool: 'opa', version: '1.22.2', accepted: true },
    { tool: 'opa', version: '1.30.0', accepted: true },
    { tool: 'opa', version: '1.21.1', accepted: false },
    { tool: 'opa', version: '2.0.0', accepted: false },
    { tool: 'regal', version: '0.42.1', accepted: true },
    { tool: 'regal', version: '0.43.0', accepted: false },
  ] as const
  test.each(cases)('$tool $version: $accepted', ({ tool, version, accepted }) => {
    expect(TOOLS[tool].accepts(version)).toBe(accepted)
  })

  test.each(['opa', 'regal'] as const)('%s: the Go module pins the same', (name) => {
    const { source, version } = TOOLS[name]
    expect(readFileSync(join(source, 'go.mod'), 'utf8')).toContain(`github.com/open-policy-agent/${name} v${version}`)
  })
})
