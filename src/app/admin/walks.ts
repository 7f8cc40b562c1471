import type { Recorder } from '../../audit/recorder.ts'
import type { AdminAction } from '../../http/admin/actions.ts'
import { ok } from '../../lib/result.ts'
import type { Exchange } from '../../model/exchange.ts'
import type { RefusalAt } from '../../model/refusal.ts'
import type { Pdp } from '../../pdp/active.ts'
import type { Ports, SharedPorts } from '../../pep/ports.ts'
import type { Walked } from '../../pep/trail.ts'
import { refuseAtDoor, walk } from '../../pep/walk.ts'
import type { InOnePolicy } from '../policy/one-policy.ts'
import type { Shadowing } from '../policy/shadow.ts'
import { decisionFacts } from '../ports.ts'
import { BREAK_GLASS, OPERATOR } from './break-glass.ts'
import { type Administered, adminPorts } from './ports.ts'

export type AdminWalks = {
  readonly walk: (exchange: Exchange, action: AdminAction) => Promise<Walked>
  /** From the machine's own shell: recorded like any other, decided by nobody. */
  readonly breakGlass: (exchange: Exchange, action: AdminAction) => Promise<Walked>
  readonly refuseAtDoor: (exchange: Exchange, refusal: RefusalAt<'guard'>) => Promise<Walked>
}

export type AdminWiring = Administered & {
  /** Those of the walk over MCP: only what is asked, and what is done, is another. */
  readonly ports: SharedPorts
  readonly inOnePolicy: InOnePolicy
  readonly shadow: Shadowing
  readonly pdp: Pdp
  readonly recorder: Recorder
}

/** In monitor mode too: that lets every tool be called, and nothing be administered. */
const ENFORCED = { enforce: true }

/** Administration takes the same walk as every call: the policy in force decides who may change it. */
export function createAdminWalks(wiring: AdminWiring): AdminWalks {
  const { ports, inOnePolicy, shadow } = wiring
  return {
    walk: async (exchange, action) => {
      const walked = await inOnePolicy((own) => walk(exchange, adminPorts(own, action, wiring), ENFORCED))
      shadow.offer(walked)
      return walked
    },
    breakGlass: (exchange, action) =>
      walk(exchange, adminPorts({ ...ports, ...breakGlass(wiring) }, action, wiring), ENFORCED),
    refuseAtDoor: (exchange, refusal) => refuseAtDoor(exchange, refusal, ports),
  }
}

/** No entrypoint was asked, so the record names none, and what replays records leaves it out. */
function breakGlass({ pdp, recorder }: AdminWiring): Pick<Ports, 'authenticate' | 'decide' | 'record'> {
  return {
    authenticate: async () => ok(OPERATOR),
    decide: () => {
      const { bundle, mask } = pdp.current()
      return { decided: BREAK_GLASS, bundle, mask }
    },
    record: (trail, refusal) =>
      recorder.decision({ ...decisionFacts(trail, refusal), path: undefined }, trail.ruling?.mask),
  }
}
