import { homedir } from 'node:os'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { v7 as uuidv7 } from 'uuid'
import { DEFAULT_TTL_SECONDS } from '../demo/issuer.ts'
import { openDemo } from '../demo/open.ts'
import { demoStateDir } from '../demo/state.ts'
import { DEMO_USERS } from '../demo/users.ts'
import { isScopeToken } from '../lib/scope-token.ts'
import { EXIT } from './exit-code.ts'

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

export const tokenCommand = (): Command =>
  new Command('token')
    .description('Print an access token of the demo issuer, and nothing else')
    .addArgument(new Argument('<user>', 'one of the demo users').choices(DEMO_USERS.map(({ name }) => name)))
    .addOption(
      new Option('--ttl <duration>', 'life time, like 90s, 15m, 8h')
        .argParser(toSeconds)
        .default(DEFAULT_TTL_SECONDS, '8h'),
    )
    .addOption(
      new Option('--scope <scopes>', 'scopes of the token, instead of the usual ones of the user').argParser(toScopes),
    )
    .addHelpText(
      'after',
      `
Examples:
  TOKEN=$(portcullis token readonly)
  portcullis token admin --ttl 15m
  portcullis token admin --scope mcp:admin`,
    )
    .action(printToken)

type Flags = { readonly ttl: number; readonly scope?: string }

async function printToken(name: string, { ttl, scope }: Flags): Promise<void> {
  const found = DEMO_USERS.find((known) => known.name === name) ?? DEMO_USERS[2]
  const user = scope === undefined ? found : { ...found, scope }
  const demo = await openDemo(demoStateDir(process.env, homedir()), uuidv7)
  const token = demo.ok ? await demo.value.issuer.issueToken(user, ttl, Date.now()) : demo
  if (token.ok) process.stdout.write(`${token.value}\n`)
  else {
    process.stderr.write(`${token.error}\n`)
    process.exitCode = demo.ok ? EXIT.usage : EXIT.environment
  }
}

function toScopes(text: string): string {
  if (!text.split(' ').every(isScopeToken))
    throw new InvalidArgumentError('Write scopes like "mcp:read" or "mcp:write mcp:admin".')
  return text
}

function toSeconds(text: string): number {
  const [, figure, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? []
  if (figure === undefined) throw new InvalidArgumentError('Write a number and a unit, like 15m or 8h.')
  return Number(figure) * (UNITS[unit] ?? 1)
}
