import { createHash } from 'node:crypto'
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { BUILD_CAPABILITIES, DEFAULT_POLICIES, findOpa } from '../../src/cli/package.ts'
import { buildBundle } from '../../src/pap/bundle/build.ts'
import { BUILTIN_TOOLS } from '../../src/tools/builtin.ts'

const TOOLS = BUILTIN_TOOLS.map(({ name }) => name)

/** Text that is appended to a file of the policy tree; a file that is not there begins with it. */
export type Additions = Readonly<Record<string, string>>

/** Allowances of the `rate-<n>` and `slots-<n>` roles, which begin with all of it and get next to nothing back. */
export const ALLOWANCES = [1, 2, 3, 4, 5, 6, 7, 8] as const

const role = (name: string, plan: string) => `
${name}:
  tools: ["*"]
  paths: { read: [[]], write: [[]] }
  may_write: true
  plan: ${plan}
  rank: 90
`
const plan = (name: string, burst: number, concurrent: number) => `
${name}:
  per_minute: { limit: 1, burst: ${burst} }
  per_day: { limit: 1000000 }
  concurrent: { limit: ${concurrent}, lease: 60 }
  max_bytes: 4194304
`
const AMPLE = 1_000_000
const allowances = (make: (allowance: number) => string) => ALLOWANCES.map(make).join('')

/** A rule of the area `tests`, with its metadata. */
export const rule = (name: string, title: string, body: string): Additions => ({
  [`mcp/rules/tests/${name}/${name}.rego`]: `# METADATA
# title: ${title}
# custom:
#   code: tests.${name}
package mcp.rules.tests.${name}

import data.mcp.lib.result
import data.mcp.lib.subject

${body}
_reason := result.reason(rego.metadata.chain())
`,
})

/** A rule with two values at once: its evaluation breaks. */
const conflict = (role: string, action: string) => `deny contains _reason if {
	input.action.name == "${action}"
	_answer == "no"
}

_answer := "yes" if "${role}" in input.subject.properties.roles

_answer := "no" if "${role}" in input.subject.properties.roles
`

/**
 * The default policy, and roles for what it never does: `confused` breaks the decision on any call, `baffled`
 * that on a list, `mute` may not list, `rationed` has no list left, the lists of `counted` are counted.
 */
export const TEST_ADDITIONS: Additions = {
  'mcp/roles/data.yaml': [
    role('ample', 'ample'),
    role('confused', 'ample'),
    `${role('partial', 'ample')}  prompts: [greet]\n  resources: ["test://notes/first", "test://notes/{id}/{part}"]\n`,
    allowances((n) => role(`rate-${n}`, `rate-${n}`) + role(`slots-${n}`, `slots-${n}`)),
  ].join(''),
  'mcp/inherits/data.yaml': `
ample: []
confused: []
partial: []
${allowances((n) => `rate-${n}: []\nslots-${n}: []\n`)}`,
  'mcp/plans/data.yaml': [
    plan('ample', AMPLE, AMPLE),
    allowances((n) => plan(`rate-${n}`, n, AMPLE) + plan(`slots-${n}`, AMPLE, n)),
  ].join(''),
  ...rule('confused', 'A call breaks', conflict('confused', 'tools/call')),
  ...rule('baffled', 'A list breaks', conflict('baffled', 'tools/list')),
  ...rule(
    'mute',
    'This caller lists nothing',
    `deny contains _reason if {
	input.action.name == "tools/list"
	"mute" in input.subject.properties.roles
}
`,
  ),
  ...rule(
    'rationed',
    'This caller lists nothing more',
    `limit contains {
	"name": "lists per day",
	"key": subject.key,
	"kind": "window",
	"limit": 0,
	"period": "day",
	"burst": 0,
	"cost": 1,
	"on_store_error": "deny",
	"shadow": false,
} if {
	input.action.name == "tools/list"
	"rationed" in input.subject.properties.roles
}

limit contains {
	"name": "lists per month",
	"key": subject.key,
	"kind": "window",
	"limit": 1000,
	"period": "month",
	"burst": 0,
	"cost": 1,
	"on_store_error": "deny",
	"shadow": false,
} if {
	input.action.name == "tools/list"
	"counted" in input.subject.properties.roles
}
`,
  ),
}

/** A bundle of the repository's policy with additions, compiled once for its content and kept in the temporary folder. */
export async function policyBundle(additions: Additions = TEST_ADDITIONS): Promise<string> {
  const sources = [DEFAULT_POLICIES, fileURLToPath(new URL('../../src/pap', import.meta.url)), BUILD_CAPABILITIES]
  const opa = await findOpa()
  const key = createHash('sha256').update(JSON.stringify([opa, TOOLS, additions]))
  for (const source of sources) for (const file of await filesOf(source)) key.update(file).update(await readFile(file))
  const out = join(tmpdir(), 'portcullis-test-bundles', `${key.digest('hex').slice(0, 32)}.tar.gz`)
  if (await isThere(out)) return out

  const policyDir = await policyTree(additions)
  const built = await buildBundle({
    policyDir,
    opa,
    capabilities: BUILD_CAPABILITIES,
    tools: TOOLS,
    out,
  })
  await rm(policyDir, { recursive: true })
  if (!built.ok) throw new Error(`the test policy cannot be built: ${JSON.stringify(built.error, undefined, 2)}`)
  return out
}

/** A copy of the repository's policy with additions, in a temporary folder of its own. */
export async function policyTree(additions: Additions = {}): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'portcullis-policy-'))
  await cp(DEFAULT_POLICIES, dir, { recursive: true })
  for (const [path, text] of Object.entries(additions)) {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    const isData = path.endsWith('.yaml')
    await (isData ? appendFile : writeFile)(join(dir, path), text)
  }
  return dir
}

async function filesOf(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
