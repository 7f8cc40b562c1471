import { pino } from 'pino'
import { createPortcullis, listen, type Portcullis } from '../../../src/app.ts'
import { type Config, formatFaults, loadConfig } from '../../../src/config/load.ts'
import { CAPABILITIES, findOpa } from '../package.ts'

export async function configFrom(file: string): Promise<Config> {
  const config = await loadConfig({ file, env: {}, flags: {}, cwd: process.cwd() })
  if (!config.ok) throw new Error(formatFaults(config.error))
  return config.value
}

export async function openPortcullis(config: Config): Promise<Portcullis> {
  const logger = pino({ level: 'error' }, pino.destination(2))
  const environs = { logger, opa: findOpa, capabilities: CAPABILITIES, version: '0.0.0' }
  const portcullis = await createPortcullis(config, environs)
  if (!portcullis.ok) throw new Error(portcullis.error.join('\n'))
  return portcullis.value
}

/** The server as `serve` starts it. */
export async function listenWithPortcullis(file: string): Promise<number> {
  const config = await configFrom(file)
  const { http } = await openPortcullis(config)
  return (await listen(http, config)).port
}
