import { readFile } from 'node:fs/promises'
import type { Config } from '../../config/load.ts'
import { systemTimer } from '../../lib/deadline.ts'
import { isUrl } from '../../lib/location.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { isVisibleAscii } from '../../lib/visible-ascii.ts'
import type { Tool } from '../../model/tool.ts'
import { packBundle } from '../../pap/bundle/build.ts'
import { createPace } from '../../pap/source/backoff.ts'
import { createClient } from '../../pap/source/client.ts'
import { createDirectorySource } from '../../pap/source/directory.ts'
import { createDownload } from '../../pap/source/download.ts'
import { createFileSource } from '../../pap/source/file.ts'
import { createHttpSource } from '../../pap/source/http.ts'
import type { PolicySource } from '../../pap/source/source.ts'
import { monotonic } from '../clocks.ts'

/** Builds what a policy folder says; `opa` is looked for only then. */
export type PackOptions = {
  readonly opa: () => Promise<string>
  readonly capabilities: string
  readonly tools: readonly Tool[]
}

/** The source that a location names: a URL, a bundle, or else a policy folder. */
export function policySource(
  location: string,
  { policy }: Config,
  { opa, capabilities, tools }: PackOptions,
): PolicySource {
  const timer = systemTimer
  if (isUrl(location)) return urlSource(location, policy)
  if (location.endsWith('.tar.gz')) return createFileSource({ file: location, maxBytes: policy.max_bytes, timer })
  const names = tools.map(({ name }) => name)
  return createDirectorySource({
    dir: location,
    pack: async (policyDir) => {
      const packed = await packBundle({ policyDir, opa: await opa(), capabilities, tools: names })
      return packed.ok ? ok(packed.value.bytes) : packed
    },
    timer,
  })
}

const SECOND = 1000

function urlSource(location: string, policy: Config['policy']): PolicySource {
  const { poll, ca, client_certificate: client, max_bytes: maxBytes } = policy
  const { cert, key } = client
  const certificate = cert === undefined || key === undefined ? undefined : { cert, key }
  const download = createDownload({
    url: new URL(location),
    dispatcher: createClient({ ca, certificate }),
    token: () => readToken(policy.token),
    maxBytes,
    timeoutMs: poll.timeout_seconds * SECOND,
    timer: systemTimer,
  })
  const pace = createPace({
    minMs: poll.min_seconds * SECOND,
    maxMs: poll.max_seconds * SECOND,
    random: Math.random,
  })
  const waitSeconds = poll.wait_seconds
  return createHttpSource({ location, download, pace, waitSeconds, timer: systemTimer, now: monotonic })
}

async function readToken({ env, file }: Config['policy']['token']): Promise<Result<string | undefined, string>> {
  if (env === undefined && file === undefined) return ok(undefined)
  const text = env === undefined ? await readFile(file ?? '', 'utf8').catch(() => '') : (process.env[env] ?? '')
  const token = text.trim()
  if (isVisibleAscii(token)) return ok(token)
  return err(`cannot be asked: ${env ?? file} holds no token`)
}
