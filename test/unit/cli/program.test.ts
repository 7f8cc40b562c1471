import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DEFAULT_POLICIES } from '../../../src/cli/package.ts'
import { createProgram } from '../../../src/cli/program.ts'
import { run } from './run.ts'

const COMMANDS = createProgram().commands.map((command) => command.name())

describe('help', () => {
  test('names every command with what it does', async () => {
    const { stdout, stderr, code } = await run('--help')
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    for (const command of createProgram().commands) {
      expect(stdout).toMatch(new RegExp(`^  ${command.name()} `, 'm'))
      expect(command.description()).not.toBe('')
    }
  })

  test.each(COMMANDS)('%s --help ends with examples of itself', async (name) => {
    const { stdout, stderr, code } = await run(name, '--help')
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    const examples = stdout.split('\nExamples:\n')[1]?.split('\n\n')[0]?.split('\n') ?? []
    expect(examples.length).toBeGreaterThanOrEqual(2)
    for (const example of examples.filter((line) => line !== '')) {
      expect(example).toMatch(new RegExp(`^  (\\w+=\\$\\()?portcullis ${name}\\b`))
    }
  })

  test.each(COMMANDS)('every example of %s has flags that it knows', async (name) => {
    const command = createProgram().commands.find((known) => known.name() === name)
    const known = command?.options.map(({ long }) => long) ?? []
    const { stdout } = await run(name, '--help')
    for (const [flag] of (stdout.split('\nExamples:\n')[1] ?? '').matchAll(/--[a-z][a-z-]*/g)) {
      expect(known).toContain(flag)
    }
  })
})

test('--version is that of the package', async () => {
  const { default: manifest } = await import('../../../package.json', { with: { type: 'json' } })
  expect(await run('--version')).toEqual({ stdout: `${manifest.version}\n`, stderr: '', code: 0 })
})

describe('usage that is wrong is exit code 2, and says what would be right', () => {
  test.each<{ args: readonly string[]; says: string }>([
    { args: ['swerve'], says: "error: unknown command 'swerve'\n(Did you mean serve?)" },
    { args: ['serve', '--prot', '1'], says: "error: unknown option '--prot'\n(Did you mean --port?)" },
    { args: ['serve', 'now'], says: 'error: too many arguments' },
    { args: ['token'], says: "error: missing required argument 'user'" },
    { args: ['token', 'root'], says: 'Allowed choices are admin, user, readonly.' },
    { args: ['token', 'admin', '--ttl', 'forever'], says: 'Write a number and a unit, like 15m or 8h.' },
    { args: ['eval'], says: 'Name an input file, or --subject and either --tool or --method (--help shows examples)' },
    {
      args: ['eval', '--subject', 'a', '--tool', 'readFile', '--arguments', '[]'],
      says: '--arguments must be a JSON object',
    },
    { args: ['eval', '/no/such/file'], says: 'ENOENT: no such file or directory' },
  ])('$args', async ({ args, says }) => {
    const { stdout, stderr, code } = await run(...args)
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 })
    expect(stderr).toContain(says)
  })
})

describe('a machine without opa is exit code 3, and says what to do', () => {
  const policies = ['--policies', DEFAULT_POLICIES]
  const question = ['--subject', 'alice', '--roles', 'user', '--tool', 'readFile', '--path', '/public/a.txt']
  const { PORTCULLIS_OPA: before } = process.env
  beforeAll(() => {
    process.env['PORTCULLIS_OPA'] = '/no/such/command'
  })
  afterAll(() => {
    if (before === undefined) delete process.env['PORTCULLIS_OPA']
    else process.env['PORTCULLIS_OPA'] = before
  })

  test.each<{ command: readonly string[] }>([
    { command: ['build', DEFAULT_POLICIES, '--out', '/no/such/folder/bundle.tar.gz'] },
    { command: ['check', DEFAULT_POLICIES] },
    { command: ['test', DEFAULT_POLICIES] },
    { command: ['eval', ...policies, ...question] },
    { command: ['explain', ...policies, ...question] },
    { command: ['diff', DEFAULT_POLICIES, DEFAULT_POLICIES] },
    { command: ['replay', '/no/such/log', '--policy', DEFAULT_POLICIES] },
  ])('portcullis $command.0', async ({ command }) => {
    expect(await run(...command)).toEqual({
      stdout: '',
      stderr: `opa 1.22.2 is needed and could not be had:
  1. PORTCULLIS_OPA=/no/such/command does not run: correct or unset it
Put opa 1.22.2 on PATH, or set PORTCULLIS_OPA to its path, or install Go 1.26 or newer.
`,
      code: 3,
    })
  })
})
