import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Results, resultsOf } from './results.ts'
import { openServer } from './server.ts'

const PACKAGES = ['node@22.23.3', '@modelcontextprotocol/conformance@0.2.0-alpha.12']
const REVISIONS = ['2025-11-25', '2026-07-28']
const RESULTS = resolve('test/conformance/mcp/results.json')

const server = await openServer()
const out = await mkdtemp(join(tmpdir(), 'portcullis-conformance-results-'))
const results: Results[] = []
try {
  for (const revision of REVISIONS) {
    const baseline = resolve(`test/conformance/mcp/baseline-${revision}.yml`)
    const dir = join(out, revision)
    const code = await conformance(server.url, revision, baseline, dir)
    if (code !== 0) process.exitCode = 1
    else results.push(await resultsOf(revision, dir, baseline))
  }
} finally {
  await server.close()
  await rm(out, { recursive: true, force: true })
}
if (process.exitCode !== 1) await writeFile(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`)

/** Runs the scenarios that a revision requires; the baseline names those that may fail, and a stale one fails. */
function conformance(url: string, revision: string, baseline: string, dir: string): Promise<number> {
  const packages = PACKAGES.map((name) => `--package=${name}`)
  const args = ['--requirements', revision, '--expected-failures', baseline, '-o', dir]
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const child = spawn(npm, ['exec', '--yes', ...packages, '--', 'conformance', 'server', '--url', url, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('exit', (code) => done(code ?? 1))
  })
}
