import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { diffPolicies } from '../../src/app/evaluation/diff.ts'
import { openVersion } from '../../src/app/evaluation/policy-version.ts'
import { CAPABILITIES, findOpa, POLICIES } from './package.ts'
import { table } from './table.ts'

const EXTRA_ROLES = 6

/** Both policies asked about every role, tool and path that either of them knows. */
export async function benchComparing(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'portcullis-bench-'))
  try {
    const changed = join(dir, 'policies')
    await cp(POLICIES, changed, { recursive: true })
    const roles = join(changed, 'mcp/roles/data.yaml')
    const before = await readFile(roles, 'utf8')
    // many roles, so that there is much to ask
    const extra = Array.from(
      { length: EXTRA_ROLES },
      (_, n) => `\nteam-${n}:\n  tools: [readFile]\n  paths: { read: [[team-${n}]] }\n`,
    )
    await writeFile(roles, `${before}${extra.join('')}`)
    const inherits = join(changed, 'mcp/inherits/data.yaml')
    const none = Array.from({ length: EXTRA_ROLES }, (_, n) => `team-${n}: []\n`).join('')
    await writeFile(inherits, `${await readFile(inherits, 'utf8')}${none}`)
    const deps = { opa: findOpa, capabilities: CAPABILITIES }
    const [base, head] = [await openVersion(POLICIES, undefined, deps), await openVersion(changed, undefined, deps)]
    if (!base.ok || !head.ok) throw new Error(JSON.stringify([base, head]))
    const started = performance.now()
    const report = await diffPolicies(base.value, head.value, { log: [], threads: availableParallelism() })
    if (!report.ok) throw new Error(JSON.stringify(report.error))
    const seconds = (performance.now() - started) / 1000
    const { asked, different } = report.value
    const figures = [String(asked), String(different), seconds.toFixed(1), (asked / seconds).toFixed(0)]
    return table(
      `diff: the enumerated world, ${EXTRA_ROLES} roles added`,
      ['', 'pairs', 'differ', 'seconds', 'pairs/s'],
      [['default policy', ...figures]],
    )
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
