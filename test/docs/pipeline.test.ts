import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { appendFile, cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { ACTION_FOLDER, action, bash, runAction } from './composite-action.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MINUTES = 180_000

const gitlab = parse(await readFile(join(ACTION_FOLDER, 'gitlab.yml'), 'utf8'))
const hooks = parse(await readFile(join(ROOT, '.pre-commit-hooks.yaml'), 'utf8'))

const ROLE = (paths: string) =>
  ['tools: [readFile]', `paths: { read: ${paths}, write: [] }`, 'may_write: false', 'plan: reader', 'rank: 10']
    .map((line) => `  ${line}\n`)
    .join('')
const CASES = `
description: What nobody may do
context: { time: "2026-11-22T15:44:00.000Z", unix: 1795362240, weekday: 7, hour: 15, minute: 44,
           request_id: case, protocol_version: "2025-11-25", era: legacy, bytes: 300 }
subjects:
  nobody: { type: user, id: nobody, properties: { issuer: "https://issuer.example", home: true, tenant: acme,
            client_id: editor, roles: [], scopes: [], claims: {} } }
resources:
  readFile: { type: tool, id: readFile, properties: { server: files, read_only: true, access: [read], tags: [] } }
cases:
  - { note: no role, subject: nobody, action: tools/call, resource: readFile, arguments: { path: /docs/a.txt },
      paths: [{ argument: /path, segments: [docs, a.txt], access: read }], want: { effect: deny, visible: false } }
`

/** A repository with one role, and branches that change it. */
let repository: string
let base: string
const env = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Author',
  GIT_AUTHOR_EMAIL: 'author@example.com',
  GIT_COMMITTER_NAME: 'Committer',
  GIT_COMMITTER_EMAIL: 'committer@example.com',
}
const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: repository, env, encoding: 'utf8' }).trim()
const inRepository = (path: string) => join(repository, path)
const read = (path: string) => readFile(inRepository(path), 'utf8')

async function branch(name: string, change: () => Promise<void>): Promise<void> {
  git('switch', '--quiet', '--create', name, 'main')
  await change()
  git('add', '--all')
  git('commit', '--quiet', '--message', name)
}

async function addAuditor(): Promise<void> {
  await writeFile(
    inRepository('policies/mcp/roles/data.yaml'),
    `readonly:\n${ROLE('[[docs]]')}auditor:\n${ROLE('[[]]')}`,
  )
  await writeFile(inRepository('policies/mcp/inherits/data.yaml'), 'readonly: []\nauditor: []\n')
}

beforeAll(async () => {
  repository = await mkdtemp(join(tmpdir(), 'portcullis-pipeline-'))
  git('init', '--quiet', '--initial-branch', 'main')
  await cp(join(ROOT, 'policies'), inRepository('policies'), { recursive: true })
  await writeFile(inRepository('policies/mcp/roles/data.yaml'), `readonly:\n${ROLE('[[docs]]')}`)
  await writeFile(inRepository('policies/mcp/inherits/data.yaml'), 'readonly: []\n')
  await mkdir(inRepository('cases'))
  await writeFile(inRepository('cases/nobody.yaml'), CASES)
  await writeFile(inRepository('.gitignore'), 'portcullis-reports/\n*.xml\ngl-*.json\n')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'base')
  base = git('rev-parse', 'HEAD')
  git('update-ref', 'refs/remotes/origin/main', base)
  await branch('auditor', addAuditor)
  await branch('broken', async () => {
    await writeFile(inRepository('cases/nobody.yaml'), CASES.replace('effect: deny', 'effect: permit'))
    await appendFile(inRepository('policies/mcp/main/main.rego'), '\n\n')
  })
  await branch('disguised', async () => {
    await addAuditor()
    for (const name of [base, `${base}:policies`]) {
      await cp(inRepository('policies'), inRepository(name), { recursive: true })
    }
  })
  await branch('linked', async () => {
    await rename(inRepository('policies'), inRepository('elsewhere'))
    await symlink('elsewhere', inRepository('policies'))
  })
})

afterAll(() => rm(repository, { recursive: true, force: true }))

const NEWLY_ALLOWED =
  /^\| \*\*newly-allowed\*\* ❌ \| `auditor` \| `readFile` \|.* tools\/call readFile \/\S+` \| \d+ \|$/m
const PULL_REQUEST = { ...env, GITHUB_BASE_REF: 'main' }

describe('the GitHub action', () => {
  test(
    'stops a pull request that adds a role, with a table of what it would newly allow',
    async () => {
      git('switch', '--quiet', 'auditor')
      const run = await runAction(repository, { env: PULL_REQUEST, values: { 'inputs.coverage-min': '0' } })

      expect(run.log).toContain(
        '::error title=Portcullis: stopped::check 0, test 0, diff 1; see the summary of this job',
      )
      expect(run.code).toBe(1)
      expect(run.summary).toMatch(NEWLY_ALLOWED)
      expect(run.summary.split('\n').slice(0, 6)).toEqual([
        '## Portcullis: stopped',
        '',
        '| step | result |',
        '| --- | --- |',
        '| check | passed |',
        '| test | passed |',
      ])
      expect(run.outputs).toEqual({
        sarif: 'portcullis-reports/check.sarif',
        junit: 'portcullis-reports/junit.xml',
        comment: 'portcullis-reports/comment.md',
      })
      expect(JSON.parse(await read('portcullis-reports/check.sarif'))).toMatchObject({ version: '2.1.0' })
      expect(await read('portcullis-reports/junit.xml')).toMatch(/<testsuites tests="\d+" failures="0"/)
      expect(await read('portcullis-reports/comment.md')).toBe(`<!-- portcullis -->\n${run.summary}`)
    },
    MINUTES,
  )

  test(
    'tells of everything that is wrong in one run, and compares nothing on a push',
    async () => {
      git('switch', '--quiet', 'broken')
      const run = await runAction(repository, { env, values: { 'inputs.coverage-min': '0' } })

      expect(run.code).toBe(1)
      expect(run.summary).toBe(
        [
          '## Portcullis: stopped',
          '',
          '| step | result |',
          '| --- | --- |',
          '| check | **stopped**: see the annotations |',
          '| test | **stopped**: see the annotations |',
          '| diff | skipped: there is no base to compare with |',
          '\n',
        ].join('\n'),
      )
      expect(run.log).toMatch(/^::error file=policies\/mcp\/main\/main\.rego,\S*title=opa-fmt::/m)
      expect(run.log).toMatch(/^::error file=cases\/nobody\.yaml,line=\d+,title=cases::/m)
      expect(await read('portcullis-reports/junit.xml')).toContain('<failure ')
    },
    MINUTES,
  )

  test(
    'compares with the base, though a pull request brings folders of that name',
    async () => {
      git('switch', '--quiet', 'disguised')
      const run = await runAction(repository, { env: PULL_REQUEST, only: ['diff'] })
      expect({ code: run.code, log: run.log }).toEqual({ code: 0, log: '' })
      expect(await read('portcullis-reports/diff.md')).toMatch(NEWLY_ALLOWED)
    },
    MINUTES,
  )

  test(
    'does not follow a link in the place of the policies',
    async () => {
      git('switch', '--quiet', 'linked')
      const run = await runAction(repository, { env: PULL_REQUEST, only: ['diff', 'verdict'] })
      expect(run.code).toBe(1)
      expect(run.log).toContain(`${inRepository('policies')} cannot be used`)
      expect(run.log).toContain('diff 2; see the summary of this job')
    },
    MINUTES,
  )

  test('says what to do when the base is not in the clone', async () => {
    const { code, log } = await runAction(repository, { env: { ...env, GITHUB_BASE_REF: 'release' }, only: ['diff'] })
    expect(code).toBe(0)
    expect(log).toContain('::error title=portcullis diff::The base is not in this clone; check out with fetch-depth: 0')
  })

  test.each<[check: string, test: string, diff: string, code: number]>([
    ['0', '0', '0', 0],
    ['0', '0', 'skipped', 0],
    ['1', '0', '0', 1],
    ['0', '1', '0', 1],
    ['0', '0', '1', 1],
    ['0', '0', '2', 1],
    ['0', '3', 'skipped', 1],
    // a step that was not run
    ['0', '0', '', 1],
    ['', '0', '0', 1],
  ])('after check %p, test %p and diff %p ends with %p', async (check, test, diff, code) => {
    const status = (step: string) => `steps.${step}.outputs.status`
    const values = { [status('check')]: check, [status('test')]: test, [status('diff')]: diff }
    await writeFile(inRepository('portcullis-reports/diff.md'), 'What is different.\n')
    const run = await runAction(repository, { env, only: ['verdict'], values })
    expect(run.code).toBe(code)
    expect(run.summary.startsWith(`## Portcullis: ${code === 0 ? 'passed' : 'stopped'}\n`)).toBe(true)
    expect(run.summary.includes('What is different.')).toBe(['0', '1'].includes(diff))
  })

  test('cuts a comment that GitHub would not take, between two lines', async () => {
    const line = 'x'.repeat(999)
    await writeFile(inRepository('portcullis-reports/diff.md'), `${line}\n`.repeat(100))
    const status = Object.fromEntries(['check', 'test', 'diff'].map((step) => [`steps.${step}.outputs.status`, '0']))
    const { summary } = await runAction(repository, { env, only: ['verdict'], values: status })
    const comment = await read('portcullis-reports/comment.md')
    expect(summary.length).toBeGreaterThan(100_000)
    expect(comment.length).toBeLessThan(65_536)
    expect(comment.endsWith(`${line}\n\nThere is more in the summary of the job.\n`)).toBe(true)
  })

  const { steps } = action.runs
  const scripts = steps.flatMap(({ run }) => (run === undefined ? [] : [run]))

  test('gets what others write by the environment, never as a part of a script', () => {
    expect(scripts.filter((script) => script.includes('${{'))).toEqual([])
    expect(scripts.filter((script) => !script.startsWith('set -euo pipefail\n'))).toEqual([])
    expect(scripts.length).toBeGreaterThan(4)
  })

  test('uses other actions by commit', () => {
    const used = steps.flatMap(({ uses }) => (uses === undefined ? [] : [uses]))
    expect(used.filter((name) => !/^actions\/[\w/-]+@[0-9a-f]{40}$/.test(name))).toEqual([])
    expect(used.length).toBeGreaterThan(0)
  })

  test('reads each of its inputs, and outputs of steps that it has', () => {
    const text = JSON.stringify(action)
    expect(Object.keys(action.inputs).filter((name) => !text.includes(`\${{ inputs.${name} }}`))).toEqual([])
    const named = [...text.matchAll(/steps\.(\w+)\.outputs/g)].map(([, id]) => id)
    expect(named.filter((id) => !steps.some((step) => step.id === id))).toEqual([])
  })
})

describe('the GitLab pipeline', () => {
  const jobs = ['check', 'test', 'diff'].map((name) => [name, gitlab[`portcullis ${name}`]] as const)
  const command = gitlab['.portcullis'].before_script
    .filter((line: string) => line.startsWith('portcullis() '))
    .join('\n')
    .replaceAll('/opt/portcullis', ROOT)
  const run = (job: string) => {
    const script = [command, ...gitlab[`portcullis ${job}`].script].join('\n')
    return bash(['-eo', 'pipefail', '-c', script], repository, {
      ...env,
      ...gitlab.variables,
      TEST_OPTIONS: '--coverage-min 0',
      CI_PROJECT_DIR: repository,
      CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
    })
  }

  test(
    'stops a merge request that adds a role, and reports what it would newly allow',
    async () => {
      git('switch', '--quiet', 'disguised')
      const { code, log } = await run('diff')
      expect(code).toBe(1)
      expect(log).toContain('newly-allowed')
      expect(await read('diff.xml')).toMatch(/<testcase classname="portcullis diff" name="newly-allowed">\s*<failure /)
    },
    MINUTES,
  )

  test(
    'reports what check and test find',
    async () => {
      git('switch', '--quiet', 'broken')
      expect((await run('check')).code).toBe(1)
      const findings: { location: { path: string } }[] = JSON.parse(await read('gl-code-quality-report.json'))
      expect(findings.map(({ location: { path } }) => path)).toContain('policies/mcp/main/main.rego')
      expect((await run('test')).code).toBe(1)
      expect(await read('junit.xml')).toContain('<failure ')
    },
    MINUTES,
  )

  test('keeps its reports when it stops', () => {
    expect(jobs.map(([name, { artifacts }]) => [name, artifacts.when, artifacts.reports])).toEqual([
      ['check', 'always', { codequality: 'gl-code-quality-report.json' }],
      ['test', 'always', { junit: 'junit.xml' }],
      ['diff', 'always', { junit: 'diff.xml' }],
    ])
  })
})

describe('the pre-commit hooks', () => {
  test(
    'are commands that run in the repository of whoever uses them',
    async () => {
      git('switch', '--quiet', 'main')
      const check = hooks.find(({ id }: { id: string }) => id === 'portcullis-check')
      const line = [join(ROOT, check.entry), ...check.args].join(' ')
      expect(await bash(['-c', line], repository, env)).toMatchObject({ code: 0 })
    },
    MINUTES,
  )

  test('name what can be run and what a commit must touch', () => {
    for (const { entry, language, files, pass_filenames } of hooks) {
      expect([language, pass_filenames]).toEqual(['script', false])
      expect(() => accessSync(join(ROOT, entry.split(' ')[0]), constants.X_OK)).not.toThrow()
      expect('policies/mcp/roles/data.yaml').toMatch(new RegExp(files))
    }
    expect(hooks.map(({ id }: { id: string }) => id)).toEqual(['portcullis-check', 'portcullis-test'])
  })
})
