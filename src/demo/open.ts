import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ok, type Result } from '../lib/result.ts'
import { DEMO_ISSUER } from '../model/demo-issuer.ts'
import { DEMO_AUDIENCE, type DemoIssuer, MAX_TTL_SECONDS, openDemoIssuer } from './issuer.ts'
import { demoAdminSocket, demoDecisionLog, demoWorkspace, openStateDir } from './state.ts'
import { ensureWorkspace } from './workspace.ts'

/** The settings of `--demo`, which lie under the configuration file, in its words. */
export const demoDefaults = (stateDir: string) => ({
  issuers: [
    {
      issuer: DEMO_ISSUER,
      audiences: [DEMO_AUDIENCE],
      jwks: { file: join(stateDir, 'jwks.json') },
      algorithms: ['ES256'],
      home: true,
      max_lifetime: MAX_TTL_SECONDS,
    },
  ],
  workspace: demoWorkspace(stateDir),
  policies: fileURLToPath(new URL('../../policies', import.meta.url)),
  log: { sink: 'file', path: demoDecisionLog(stateDir) },
  admin: { enabled: true, socket: demoAdminSocket(stateDir) },
})

type DemoSettings = ReturnType<typeof demoDefaults>

/** The settings with an authorization server beside the issuer of `portcullis token`: the same keys, users and folders. */
export const withAuthorizationServer = (settings: DemoSettings, issuer: string, resource: string) => ({
  ...settings,
  issuers: [
    ...settings.issuers.map((minted) => ({ ...minted, issuer, audiences: [resource], clock_tolerance: 0 })),
    ...settings.issuers,
  ],
})

export type Demo = {
  readonly stateDir: string
  readonly issuer: DemoIssuer
  readonly settings: DemoSettings
}

/** Makes what the demo needs in its state folder, or finds it there. */
export async function openDemo(stateDir: string, newId: () => string): Promise<Result<Demo, string>> {
  const opened = await openStateDir(stateDir)
  if (!opened.ok) return opened
  const issuer = await openDemoIssuer(stateDir, newId)
  if (!issuer.ok) return issuer
  const settings = demoDefaults(stateDir)
  await ensureWorkspace(settings.workspace, newId)
  return ok({ stateDir, issuer: issuer.value, settings })
}
