import { join, relative } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { writeTree } from '../../policy/tools.ts'
import { run } from './run.ts'

// several processes, on a machine that may be busy
jest.setTimeout(60_000)

const RULE = `# METADATA
# title: T
# custom:
#   code: t.x
package mcp.rules.t.x

deny contains {"code": "x", "message": "x"} if input.action.name == "tools/cal"
`
let broken: ReturnType<typeof writeTree>
let warned: ReturnType<typeof writeTree>
beforeAll(() => {
  broken = writeTree({ 'mcp/rules/t/x/x.rego': RULE })
  warned = writeTree({ 'mcp/rules/t/x/x.rego': RULE.replace('tools/cal', 'ledger/close') })
})
afterAll(() => {
  broken.remove()
  warned.remove()
})

const { PORTCULLIS_OPA: opa, PORTCULLIS_REGAL: regal } = process.env
afterEach(() => {
  for (const [name, value] of Object.entries({ PORTCULLIS_OPA: opa, PORTCULLIS_REGAL: regal })) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
})

const FINDING = {
  level: 'error',
  check: 'never-matches',
  file: 'mcp/rules/t/x/x.rego',
  line: 7,
  message: 'there is no action "tools/cal", so this never matches',
  remedy: 'Did you mean "tools/call"? Correct the name; it is an MCP method',
}

describe('check', () => {
  test('of the default policy, lint included, finds nothing', async () => {
    expect(await run('check')).toEqual({ stdout: '0 errors, 0 warnings\n', stderr: '', code: 0 })
  })

  test('says what it found, and by the exit code that it did', async () => {
    const { stdout, stderr, code } = await run('check', broken.dir, '--no-lint', '--format', 'json')
    expect({ found: JSON.parse(stdout), stderr, code }).toEqual({
      found: { findings: [FINDING] },
      stderr: 'Regal was not asked (--no-lint)\n',
      code: 1,
    })
  })

  test('a warning alone is no failure', async () => {
    const { stdout, code } = await run('check', warned.dir, '--no-lint')
    expect({ last: stdout.split('\n').at(-2), code }).toEqual({ last: '0 errors, 1 warning', code: 0 })
  })

  test('asks Regal, whose findings are named like its own pages', async () => {
    const tree = writeTree({
      'mcp/rules/t/x/x.rego': RULE.replace('# METADATA', '#METADATA'),
    })
    const { stdout, code } = await run('check', tree.dir, '--format', 'json')
    tree.remove()
    const { findings }: { findings: readonly { check: string; file: string; line: number }[] } = JSON.parse(stdout)
    const said = findings
      .filter(({ check }) => check.startsWith('regal/'))
      .map(({ check, file, line }) => ({ check, file, line }))
    expect({ said, code }).toEqual({
      said: [{ check: 'regal/style/no-whitespace-comment', file: 'mcp/rules/t/x/x.rego', line: 1 }],
      code: 1,
    })
  })

  test('in every format', async () => {
    const place = join(relative(process.cwd(), broken.dir), FINDING.file)
    const pretty = await run('check', broken.dir, '--no-lint')
    const github = await run('check', broken.dir, '--no-lint', '--format', 'github')
    const sarif = await run('check', broken.dir, '--no-lint', '--format', 'sarif')
    expect(pretty.stdout).toBe(
      `${place}:7\n  error  ${FINDING.message}  (never-matches)\n  ${FINDING.remedy}\n\n1 error, 0 warnings\n`,
    )
    expect(github.stdout).toBe(
      `::error file=${place},line=7,title=never-matches::${FINDING.message}; ${FINDING.remedy}\n`,
    )
    expect(JSON.parse(sarif.stdout).runs[0].results).toHaveLength(1)
  })

  test('broken syntax is said once, with file and line', async () => {
    const tree = writeTree({ 'mcp/lib/l/l.rego': 'package mcp.lib.l\n\nx if\n' })
    const { stdout, code } = await run('check', tree.dir, '--no-lint', '--format', 'json')
    tree.remove()
    const { findings } = JSON.parse(stdout)
    expect({ findings, code }).toEqual({
      findings: [
        {
          check: 'syntax',
          level: 'error',
          file: 'mcp/lib/l/l.rego',
          line: 4,
          message: expect.stringContaining('rego_parse_error'),
          remedy: 'Correct the syntax; `opa parse` and `opa fmt` show where',
        },
      ],
      code: 1,
    })
  })

  test('a folder that is not there is exit code 2', async () => {
    expect(await run('check', '/no/such/folder', '--no-lint')).toEqual({
      stdout: '',
      stderr: '/no/such/folder cannot be checked:\n  there is no such policy folder; Name the root of a policy tree\n',
      code: 2,
    })
  })

  test.each(['PORTCULLIS_OPA', 'PORTCULLIS_REGAL'])('without what %s names it is exit code 3', async (name) => {
    process.env[name] = '/no/such/command'
    const { stdout, stderr, code } = await run('check', broken.dir)
    expect({ stdout, code }).toEqual({ stdout: '', code: 3 })
    expect(stderr).toContain(`${name}=/no/such/command does not run`)
    expect(stderr.includes('--no-lint')).toBe(name === 'PORTCULLIS_REGAL')
  })
})
