import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from '@jest/globals'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const SRC = join(ROOT, 'src')

/** What a folder, or a file at the root of `src/`, may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  model: [],
  audit: ['model', 'lib'],
  config: ['model', 'lib'],
  demo: ['model', 'lib'],
  mcp: ['model', 'lib'],
  pdp: ['model', 'lib'],
  pep: ['model', 'lib'],
  pip: ['model', 'lib'],
  quota: ['model', 'lib'],
  tools: ['model', 'lib'],
  upstreams: ['model', 'lib'],
  pap: ['model', 'lib', 'pdp'],
  http: ['model', 'lib', 'pep', 'mcp'],
  cli: ['model', 'lib', 'config', 'pap', 'demo', 'app', 'app.ts'],
  'main.ts': ['cli'],
  'index.ts': ['model', 'lib', 'config', 'tools', 'app.ts'],
}

/** The composition root sees everything except what stands above it. */
const ABOVE_APP = ['main.ts', 'index.ts', 'cli', 'demo']
/** The composition root and its parts. */
const ROOT_PARTS = ['app.ts', 'app']

/** Packages that one part of the product knows, so that it could be done without them. */
const KNOWN_TO: Readonly<Record<string, readonly string[]>> = {
  '@modelcontextprotocol/server': ['mcp'],
  '@open-policy-agent/opa-wasm': ['pdp'],
  // the public type of what createPortcullis returns is a Hono app
  hono: ['http', 'app.ts'],
  '@hono/node-server': ['http'],
  jose: ['pip', 'demo', 'pap'],
  'prom-client': ['audit'],
  commander: ['cli'],
  tar: ['pap'],
  'fast-xml-builder': ['cli'],
  chokidar: ['pap'],
  undici: ['pap', 'pip'],
  'oidc-provider': ['demo'],
}

/** Web types belong to the HTTP edge. These speak them because what they wrap does. */
const SPEAKS_FETCH = [
  'mcp/perform.ts', // streams of the MCP SDK
  'mcp/framing.ts',
  'mcp/rebuild.ts',
  'mcp/protocol.ts', // the MCP SDK is a fetch handler
  'pip/key-source.ts', // fetches keys
]

const MAX_LINES = 200
/** Longer files, each with the reason why its reader is better served. */
const LONGER: Readonly<Record<string, string>> = {}

type Module = {
  readonly path: string
  readonly text: string
  readonly code: string
  readonly imports: readonly string[]
}

const IMPORT = /^(?:import|export)\b[^'";]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm
const COMMENT_OR_STRING = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g

const modules: readonly Module[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map((path) => {
    const text = readFileSync(join(SRC, path), 'utf8')
    const imports = [...text.matchAll(IMPORT)].flatMap(([, ...specifiers]) =>
      specifiers.filter((one) => one !== undefined),
    )
    return { path, text, code: text.replaceAll(COMMENT_OR_STRING, ''), imports }
  })

const isRelative = (specifier: string) => specifier.startsWith('.')
const targetOf = (path: string, specifier: string) => normalize(join(dirname(path), specifier))
const folderOf = (path: string) => path.split('/')[0] ?? path
const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

const edges = modules.flatMap(({ path, imports }) =>
  imports.filter(isRelative).map((specifier) => ({ from: path, to: targetOf(path, specifier) })),
)
const packages = modules.flatMap(({ path, imports }) =>
  imports.filter((specifier) => !isRelative(specifier)).map((specifier) => ({ path, specifier })),
)

const mayImport = (from: string, to: string): boolean =>
  from === to || (ROOT_PARTS.includes(from) ? !ABOVE_APP.includes(to) : (MAY_IMPORT[from] ?? []).includes(to))

describe('the import rule', () => {
  test('every folder and root file of src has its row', () => {
    const unknown = new Set(
      modules
        .map(({ path }) => folderOf(path))
        .filter((folder) => !ROOT_PARTS.includes(folder) && !(folder in MAY_IMPORT)),
    )
    expect([...unknown]).toEqual([])
  })

  test('imports are read at all', () => {
    expect(edges).toContainEqual({ from: 'pep/walk.ts', to: 'pep/judge.ts' })
    expect(edges).toContainEqual({ from: 'http/app.ts', to: 'pep/trail.ts' })
    expect(packages).toContainEqual({ path: 'http/app.ts', specifier: 'hono' })
  })

  test('folders import what they may', () => {
    const wrong = edges.filter(({ from, to }) => !mayImport(folderOf(from), folderOf(to)))
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
  })

  test('relative imports name a file that is there, with its extension', () => {
    const known = new Set(modules.map(({ path }) => path))
    expect(edges.filter(({ to }) => !known.has(to))).toEqual([])
  })

  test('model imports typebox alone', () => {
    const others = packages.filter(({ path, specifier }) => folderOf(path) === 'model' && specifier !== 'typebox')
    expect(others).toEqual([])
  })

  test('packages stay where they are known', () => {
    const strays = packages.filter(({ path, specifier }) => {
      const known = KNOWN_TO[packageOf(specifier)]
      return known !== undefined && !known.includes(folderOf(path))
    })
    expect(strays).toEqual([])
  })

  test('packages are dependencies of the product, not of its tests', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const undeclared = packages.filter(
      ({ specifier }) => !specifier.startsWith('node:') && !(packageOf(specifier) in dependencies),
    )
    expect(undeclared).toEqual([])
  })
})

/** Strongly connected files (Tarjan): each group is a cycle. Type-only imports count. */
function cyclesOf(nodes: readonly string[], successors: (node: string) => readonly string[]): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const cycles: string[][] = []
  const visit = (node: string): number => {
    const at = index.size
    index.set(node, at)
    low.set(node, at)
    stack.push(node)
    for (const next of successors(node)) {
      const reached = index.has(next) ? (stack.includes(next) ? index.get(next) : undefined) : visit(next)
      low.set(node, Math.min(low.get(node) ?? at, reached ?? at))
    }
    const lowest = low.get(node) ?? at
    if (lowest === at) {
      const group = stack.splice(stack.indexOf(node))
      if (group.length > 1 || successors(node).includes(node)) cycles.push(group)
    }
    return lowest
  }
  for (const node of nodes) if (!index.has(node)) visit(node)
  return cycles
}

describe('cycles', () => {
  const successors = (graph: Readonly<Record<string, readonly string[]>>) => (node: string) => graph[node] ?? []

  test('are found', () => {
    const graph = { a: ['b'], b: ['c', 'd'], c: ['a'], d: ['d'], e: ['a'] }
    expect(cyclesOf(Object.keys(graph), successors(graph))).toEqual([['d'], ['a', 'b', 'c']])
  })

  test('there are none, not even of types', () => {
    const paths = modules.map(({ path }) => path)
    const imported = (path: string) => edges.filter(({ from }) => from === path).map(({ to }) => to)
    expect(cyclesOf(paths, imported)).toEqual([])
  })
})

describe('every file of src', () => {
  const offenders = (pattern: RegExp, except: readonly string[] = []) =>
    modules.filter(({ path, code }) => pattern.test(code) && !except.includes(path)).map(({ path }) => path)

  test('exports by name', () => {
    expect(offenders(/\bexport\s+default\b|\bas\s+default\b/)).toEqual([])
  })

  test('knows its types', () => {
    expect(offenders(/(?:[:<|&,]|=>|\bas)\s*any\b(?=\s*[[\]>,;)|&=}\n])/)).toEqual([])
  })

  test('leaves requests and responses to the HTTP edge', () => {
    const outside = modules.filter(({ path }) => folderOf(path) === 'http').map(({ path }) => path)
    expect(offenders(/\b(?:Request|Response)\b/, [...outside, ...SPEAKS_FETCH])).toEqual([])
  })

  test(`has at most ${MAX_LINES} lines`, () => {
    const longer = modules
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ path, lines }) => lines > MAX_LINES && !(path in LONGER))
    expect(longer).toEqual([])
  })

  test('is imported by another, save the two entrances', () => {
    const imported = new Set(edges.map(({ to }) => to))
    const dead = modules.map(({ path }) => path).filter((path) => !imported.has(path))
    expect(dead).toEqual(['index.ts', 'main.ts'])
  })
})

test('unit tests lie where what they test lies', () => {
  const folders = readdirSync(join(ROOT, 'test/unit'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map(dirname)
  const strays = folders.filter((folder) => !existsSync(join(SRC, folder)) && !existsSync(join(ROOT, folder)))
  expect(strays).toEqual([])
})

test('generated schemas are those of the models; if not: node scripts/policy/generate.js', async () => {
  const program = `import('./scripts/policy/schemas.js')
    .then(({ generateSchemas }) => generateSchemas())
    .then((schemas) => process.stdout.write(JSON.stringify(schemas)))`
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], { cwd: ROOT })
  const generated: Record<string, unknown> = JSON.parse(stdout)
  const written = Object.keys(generated).map((name) => {
    const file = join(ROOT, 'scripts/policy', name)
    return [name, existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined]
  })
  expect(Object.keys(generated)).not.toEqual([])
  expect(Object.fromEntries(written)).toEqual(generated)
})
