import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { Command } from 'commander'
import { type Logger, pino } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { createPortcullis, listen, type Portcullis } from '../app.ts'
import { type Config, formatFaults, loadConfig } from '../config/load.ts'
import { openDemo } from '../demo/open.ts'
import { demoStateDir } from '../demo/state.ts'
import { demoBanner } from './demo-banner.ts'
import { EXIT } from './exit-code.ts'
import { BUILD_CAPABILITIES, findOpa, VERSION } from './package.ts'
import { fail } from './report.ts'

type Flags = { readonly demo?: true; readonly config?: string; readonly policies?: string; readonly port?: string }

export const serveCommand = (): Command =>
  new Command('serve')
    .description('Serve MCP on /mcp: every request is decided by policy before a tool runs')
    .option('--demo', 'embedded token issuer, sample workspace and the default policy; for trying out only')
    .option('--config <file>', 'configuration file, YAML')
    .option('--policies <path>', 'policy folder, bundle.tar.gz or URL of one, instead of the configured one')
    .option('--port <number>', 'port to listen on, instead of the configured one')
    .addHelpText(
      'after',
      `
Examples:
  portcullis serve --demo
  portcullis serve --config /etc/portcullis.yaml
  portcullis serve --demo --policies ./my-policies --port 4000

Signals: SIGHUP takes what the policy source offers now, SIGTERM and SIGINT let running calls finish.`,
    )
    .action(serve)

async function serve(flags: Flags): Promise<void> {
  const logger = pino({ level: 'info' }, pino.destination({ dest: 2, sync: true }))
  const config = await configure(flags)
  if (config === undefined) return
  const environs = { logger, opa: findOpa, capabilities: BUILD_CAPABILITIES, version: VERSION }
  const portcullis = await createPortcullis(config, environs)
  if (!portcullis.ok) {
    fail(EXIT.usage, ['Portcullis cannot start:', ...portcullis.error.map((fault) => `  ${fault}`)].join('\n'))
    return
  }
  const { host, port } = config.listen
  try {
    const listening = await listen(portcullis.value.http, config)
    logger.info({ url: `${config.public_url}/mcp`, enforce: config.enforce }, 'listening')
    if (!config.enforce) logger.warn('monitor mode: what policy denies is recorded and let pass')
    if (flags.demo) process.stdout.write(demoBanner(config))
    onSignals(portcullis.value, () => listening.close(config.limits.drain_ms), logger)
  } catch (thrown) {
    const cause = thrown instanceof Error ? thrown.message : String(thrown)
    await portcullis.value.close()
    fail(EXIT.environment, `Cannot listen on ${host}:${port}: ${cause}\nAnother port: --port 4000`)
  }
}

async function configure(flags: Flags): Promise<Config | undefined> {
  const demo = flags.demo ? await openDemo(demoStateDir(process.env, homedir()), uuidv7) : undefined
  if (demo !== undefined && !demo.ok) return fail(EXIT.environment, demo.error)
  const load = (port: string | undefined) =>
    loadConfig({
      ...(flags.config !== undefined && { file: flags.config }),
      env: process.env,
      flags: { ...(port !== undefined && { port }), ...(flags.policies !== undefined && { policies: flags.policies }) },
      ...(demo !== undefined && { demo: demo.value.settings }),
      cwd: process.cwd(),
    })
  const asked = await load(flags.port)
  const config = asked.ok && asked.value.listen.port === 0 ? await load(String(await freePort())) : asked
  return config.ok ? config.value : fail(EXIT.usage, formatFaults(config.error))
}

/** The public URL names the port, so it must be known before anything is built. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

function onSignals(portcullis: Portcullis, closeServer: () => Promise<void>, logger: Logger): void {
  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) return
    stopping = true
    logger.info({ signal }, 'stopping: running calls may finish')
    await closeServer()
    await portcullis.close()
    logger.info('stopped')
    process.exit(EXIT.ok)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('SIGHUP', () => void portcullis.reload())
}
