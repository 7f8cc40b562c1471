import type { AdminAction } from '../../http/admin/actions.ts'
import { adminCall, receiveAdmin } from '../../http/admin/receive.ts'
import { ok } from '../../lib/result.ts'
import type { Exchange } from '../../model/exchange.ts'
import type { Resource } from '../../model/resource.ts'
import type { Subject } from '../../model/subject.ts'
import type { Rollout } from '../../pap/activation/rollout.ts'
import { policyInput } from '../../pep/policy-input.ts'
import type { Ports } from '../../pep/ports.ts'
import type { Shadowing } from '../policy/shadow.ts'
import { runAdminAction } from './action.ts'

export type Administered = {
  /** Name of the server whose policies these are. */
  readonly name: string
  readonly rollout: Rollout
  readonly shadow: Shadowing
}

/** The ports of one administrative request. Its bundle stays between parsing and performing, out of what is decided on. */
export function adminPorts(own: Ports, action: AdminAction, { name, rollout, shadow }: Administered): Ports {
  const resource: Resource = { type: 'policy', id: name, properties: { server: name } }
  let subject: Subject | undefined
  let bundle: Uint8Array = new Uint8Array()

  /** The existence question: a bundle is large, so none is read for somebody who may do nothing with it. */
  const isWelcome = (exchange: Exchange): boolean => {
    if (subject === undefined) return false
    const call = adminCall(exchange, action, {}, 0)
    return (
      own.decide(policyInput(subject, { action, resource }, call, exchange.requestId, own.now())).decided.effect ===
      'permit'
    )
  }

  return {
    ...own,
    authenticate: async (exchange) => {
      const proof = await own.authenticate(exchange)
      if (proof.ok) subject = proof.value
      return proof
    },
    parse: async (exchange) => {
      if (!isWelcome(exchange)) return ok(adminCall(exchange, action, {}, 0))
      const received = await receiveAdmin(exchange, action)
      if (!received.ok) return received
      bundle = received.value.bundle ?? bundle
      return ok(received.value.call)
    },
    describe: ({ params }) => ({
      known: true,
      resource: { ...resource, properties: { ...resource.properties, arguments: params } },
      faults: [],
      mismatched: [],
      arguments: params,
      items: [],
    }),
    perform: ({ arguments: args }) => runAdminAction(action, args, bundle, { rollout, shadow }),
  }
}
