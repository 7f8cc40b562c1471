import type { AdminAction } from '../../http/admin/actions.ts'
import type { Result } from '../../lib/result.ts'
import type { JsonObject } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { Performed } from '../../model/reply.ts'
import type { BundleIdentity } from '../../model/rollout.ts'
import type { Rollout } from '../../pap/activation/rollout.ts'
import type { Shadowing } from '../policy/shadow.ts'

type Parts = { readonly rollout: Rollout; readonly shadow: Pick<Shadowing, 'report'> }

/** Does what was permitted, with the arguments that were decided on. */
export async function runAdminAction(
  action: AdminAction,
  args: JsonObject,
  bundle: Uint8Array,
  { rollout, shadow }: Parts,
): Promise<Performed> {
  switch (action) {
    case 'policy/read':
      return done(rollout.status())
    case 'policy/shadow':
      return done(shadow.report())
    case 'policy/check':
      return answer('candidate', await rollout.check(bundle), 422)
    case 'policy/activate':
      return answer('active', await rollout.activate(String(args['sha256'])), 409)
    case 'policy/rollback':
      return answer('active', await rollout.rollback(), 409)
  }
}

type Changed = Result<BundleIdentity, readonly PolicyFault[]>

function answer(member: 'candidate' | 'active', changed: Changed, status: number): Performed {
  if (changed.ok) return done({ [member]: changed.value })
  const code = status === 422 ? 'policy_refused' : 'policy_unchanged'
  const message = status === 422 ? 'The bundle cannot be used' : 'What was in force stays in force'
  return performed(status, { error: code, message, faults: changed.error }, code)
}

const done = (body: object): Performed => performed(200, body)

function performed(status: number, body: object, fault?: string): Performed {
  const text = JSON.stringify(body)
  return {
    reply: { status, headers: { 'content-type': 'application/json' }, body: text },
    outcome: Promise.resolve({
      status: fault === undefined ? 'completed' : 'fault',
      ...(fault !== undefined && { fault }),
      bytes: Buffer.byteLength(text),
    }),
  }
}
