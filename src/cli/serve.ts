import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { Command } from 'commander'
import { type Logger, pino } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { createPortcullis, listen, type Portcullis } from '../app.ts'
import { type Config, formatFaults, loadConfig } from '../config/load.ts'
import { openDemo } from '../demo/open.ts'
import { demoStateDir } from '../demo/state.ts'
import { thrownText } from '../lib/thrown-text.ts'
import { demoBanner } from './demo-banner.ts'
import { type DemoLogin, openDemoLogin } from './demo-login.ts'
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
  const configured = await configure(flags)
  if (configured === undefined) return
  const { config, login } = configured
  const environs = { logger, opa: findOpa, capabilities: BUILD_CAPABILITIES, version: VERSION }
  const portcullis = await createPortcullis(config, environs)
  if (!portcullis.ok) {
    await login?.close()
    fail(EXIT.usage, ['Portcullis cannot start:', ...portcullis.error.map((fault) => `  ${fault}`)].join('\n'))
    return
  }
  const { host, port } = config.listen
  try {
    const listening = await listen(portcullis.value.http, config)
    logger.info({ url: `${config.public_url}/mcp`, enforce: config.enforce }, 'listening')
    if (!config.enforce) logger.warn('monitor mode: what policy denies is recorded and let pass')
    if (login !== undefined) process.stdout.write(demoBanner(config, login.issuer))
    const close = async () => {
      await Promise.all([listening.close(config.limits.drain_ms), login?.close()])
    }
    onSignals(portcullis.value, close, logger)
  } catch (thrown) {
    await Promise.all([portcullis.value.close(), login?.close()])
    fail(
      EXIT.environment,
      `Cannot listen on ${host}:${port}: ${thrownText(thrown)}\nAnother port: --port 4000, or npm start -- --port 4000`,
    )
  }
}

type Configured = { readonly config: Config; readonly login?: DemoLogin }

async function configure(flags: Flags): Promise<Configured | undefined> {
  const demo = flags.demo ? await openDemo(demoStateDir(process.env, homedir()), uuidv7) : undefined
  if (demo !== undefined && !demo.ok) return fail(EXIT.environment, demo.error)
  const load = (port: string | undefined, settings: unknown = demo?.value.settings) =>
    loadConfig({
      ...(flags.config !== undefined && { file: flags.config }),
      env: process.env,
      flags: { ...(port !== undefined && { port }), ...(flags.policies !== undefined && { policies: flags.policies }) },
      ...(settings !== undefined && { demo: settings }),
      cwd: process.cwd(),
    })
  const asked = await load(flags.port)
  const config = asked.ok && asked.value.listen.port === 0 ? await load(String(await freePort())) : asked
  if (!config.ok) return fail(EXIT.usage, formatFaults(config.error))
  if (demo === undefined) return { config: config.value }
  const login = await openDemoLogin(demo.value, config.value)
  if (!login.ok) return fail(EXIT.environment, login.error)
  const withLogin = await load(String(config.value.listen.port), login.value.settings)
  if (withLogin.ok) return { config: withLogin.value, login: login.value }
  await login.value.close()
  return fail(EXIT.usage, formatFaults(withLogin.error))
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
