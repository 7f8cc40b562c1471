import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { TESTED_PRODUCT } from '../../src/app/inquiry/tested-product.ts'
import { watchPolicy } from '../../src/pap/test/watch.ts'
import { CAPABILITIES, findOpa, POLICIES } from './package.ts'
import { millis, table } from './table.ts'

const EDITS = 20
const RULE = 'mcp/rules/paths/outside/outside.rego'

/** From a saved rule to what the cases decide on the new WASM, and to the whole report. */
export async function benchWatching(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'portcullis-bench-'))
  const stopping = new AbortController()
  try {
    const policyDir = join(dir, 'policies')
    await cp(POLICIES, policyDir, { recursive: true })
    const file = join(policyDir, RULE)
    const rule = await readFile(file, 'utf8')
    const verdicts: number[] = []
    const reports: number[] = []
    let saved = performance.now()
    let edits = 0
    const save = async () => {
      edits++
      if (edits > EDITS) return stopping.abort()
      saved = performance.now()
      await writeFile(file, `${rule}\n# edit ${edits}\n`)
    }
    const options = {
      ...TESTED_PRODUCT,
      policyDir,
      casesDir: resolve('test/policy/cases'),
      root: process.cwd(),
      opa: await findOpa(),
      capabilities: { build: CAPABILITIES, test: resolve('scripts/policy/capabilities.test.json') },
      minimums: { coverage: 0, catalogue: 0 },
      now: () => performance.now(),
    }
    await watchPolicy(
      options,
      {
        verdict: () => void (edits > 0 && verdicts.push(performance.now() - saved)),
        report: () => {
          if (edits > 0) reports.push(performance.now() - saved)
          void save()
        },
        faults: (faults) => {
          throw new Error(JSON.stringify(faults))
        },
      },
      stopping.signal,
    )
    const row = (name: string, times: readonly number[]) => {
      const sorted = times.toSorted((a, b) => a - b)
      const at = (share: number) => millis(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN)
      return [name, String(times.length), at(0.5), at(1)]
    }
    return table(
      'test --watch: from a saved rule to the verdict of all cases on WASM, and to the whole report, ms',
      ['', 'edits', 'p50', 'slowest'],
      [row('verdict', verdicts), row('Rego tests, opa eval and coverage too', reports)],
    )
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
