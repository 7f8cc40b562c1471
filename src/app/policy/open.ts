import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import type { Config } from '../../config/load.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { formatPolicyFault, type PolicyFault } from '../../model/policy-fault.ts'
import { createKeptBundles, KEPT_NOWHERE } from '../../pap/activation/kept.ts'
import { type OpenedRollout, openRollout } from '../../pap/activation/open.ts'
import type { RolloutEvent } from '../../pap/activation/rollout.ts'
import { createVerify } from '../../pap/activation/verify.ts'
import { readVerificationKeys, type VerificationKey } from '../../pap/bundle/keys.ts'
import type { PolicySource } from '../../pap/source/source.ts'
import { monotonic, wallClock } from '../clocks.ts'
import { type PackOptions, policySource } from './source.ts'

/** Puts the configured policy in force. */
export async function openPolicy(
  config: Config,
  pack: PackOptions,
  logger: Logger,
): Promise<Result<OpenedRollout, readonly string[]>> {
  const { policy, policies, limits } = config
  const keys = await verificationKeys(policy.verification_keys)
  if (!keys.ok) return err(inWords(keys.error))
  const sourceOf = (location: string) => policySource(location, config, pack)
  const { watch, candidate } = policy
  const opened = await openRollout({
    source: watch ? sourceOf(policies) : unwatched(sourceOf(policies)),
    ...(candidate !== undefined && { candidateSource: watch ? sourceOf(candidate) : readOnce(sourceOf(candidate)) }),
    verify: createVerify({
      maxBytes: policy.max_bytes,
      ...(keys.value !== undefined && { verification: { keys: keys.value } }),
      now: monotonic,
      budgetMs: limits.decision_budget_ms,
    }),
    kept: policy.state === undefined ? KEPT_NOWHERE : createKeptBundles(policy.state),
    maxAgeSeconds: policy.max_age_seconds,
    now: wallClock,
    onEvent: (event) => logEvent(event, logger),
  })
  return opened.ok ? opened : err(inWords(opened.error))
}

const unwatched = (source: PolicySource): PolicySource => ({ ...source, follow: async () => undefined })

const readOnce = (source: PolicySource): PolicySource => ({
  ...source,
  follow: async (take, signal) => take(await source.read(signal)),
})

type Keys = Result<readonly VerificationKey[] | undefined, readonly PolicyFault[]>

async function verificationKeys(file: string | undefined): Promise<Keys> {
  if (file === undefined) return ok(undefined)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text !== undefined) return readVerificationKeys(text, file)
  return err([{ file, message: 'cannot be read', remedy: 'Let the server read it' }])
}

function logEvent(event: RolloutEvent, logger: Logger): void {
  switch (event.kind) {
    case 'activated':
      logger.info({ ...event.bundle, by: event.by }, 'policy in force')
      break
    case 'checked':
      logger.info(event.bundle, 'policy candidate')
      break
    case 'failed':
      logger.error({ source: event.state, faults: inWords(event.faults) }, 'policy source: what was in force stays')
      break
    case 'candidate_refused':
      logger.error({ faults: inWords(event.faults) }, 'policy candidate refused')
      break
    case 'not_kept':
      logger.error({ faults: inWords([event.fault]) }, 'policy in force is not kept on disk')
      break
  }
}

const inWords = (faults: readonly PolicyFault[]): readonly string[] =>
  faults.map((fault) => `policy ${formatPolicyFault(fault)}`)
