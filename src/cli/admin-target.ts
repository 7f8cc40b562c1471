import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { type Command, Option } from 'commander'
import { demoAdminSocket, demoStateDir } from '../demo/state.ts'
import { isSecure } from '../lib/loopback.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { thrownText } from '../lib/thrown-text.ts'
import { isVisibleAscii } from '../lib/visible-ascii.ts'

/** A running server: by its socket on this machine, or by its address with an access token. */
export type Target = { readonly socket: string } | { readonly url: URL; readonly token: string }

export type TargetFlags = {
  readonly socket?: string
  readonly url?: string
  readonly tokenFile?: string
  readonly format: 'pretty' | 'json'
}

export const withTarget = (command: Command): Command =>
  command
    .option('--socket <path>', 'socket of a server on this machine; else $PORTCULLIS_ADMIN_SOCKET, else the demo')
    .addOption(
      new Option('--url <origin>', 'address of a server, with a token for the scope mcp:admin').conflicts('socket'),
    )
    .option('--token-file <file>', 'file with that token; else $PORTCULLIS_TOKEN')
    .addOption(new Option('--format <format>', 'form of the output').choices(['pretty', 'json']).default('pretty'))

/** Of a subcommand, which takes the flags of its parent before and after its name. */
export const targetFlags = (command: Command): TargetFlags => command.optsWithGlobals()

/** A token never comes by flag: flags of a running process are everybody's to read. */
export async function readTarget(flags: TargetFlags): Promise<Result<Target, string>> {
  const { env } = process
  if (flags.url === undefined) {
    if (flags.tokenFile !== undefined) return err('--token-file goes with --url; a socket takes no token')
    const socket = flags.socket ?? env['PORTCULLIS_ADMIN_SOCKET'] ?? demoAdminSocket(demoStateDir(env, homedir()))
    return ok({ socket })
  }
  const url = URL.canParse(flags.url) ? new URL(flags.url) : undefined
  if (url === undefined || url.origin !== flags.url.replace(/\/$/, '')) {
    return err(`--url ${flags.url} is no origin; write one like https://mcp.example.com`)
  }
  if (!isSecure(url)) {
    return err(`--url ${flags.url} would carry the token in the clear; write its https address`)
  }
  const token = await readToken(flags.tokenFile)
  return token.ok ? ok({ url, token: token.value }) : token
}

async function readToken(file: string | undefined): Promise<Result<string, string>> {
  try {
    const text = file === undefined ? process.env['PORTCULLIS_TOKEN'] : await readFile(file, 'utf8')
    const token = text?.trim() ?? ''
    if (isVisibleAscii(token)) return ok(token)
    return err(`${file ?? 'PORTCULLIS_TOKEN'} holds no token; name a file with one after --token-file`)
  } catch (thrown) {
    return err(`${file} cannot be read (${thrownText(thrown)}); name a readable file`)
  }
}
