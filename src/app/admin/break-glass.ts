import type { Decision } from '../../model/decision.ts'
import type { Subject } from '../../model/subject.ts'

/** Whoever can open the socket: the user that the server runs as, or root. */
export const OPERATOR: Subject = {
  type: 'operator',
  id: `uid:${process.getuid?.() ?? 'unknown'}`,
  properties: {
    issuer: 'urn:portcullis:local',
    home: false,
    tenant: '',
    client_id: '',
    roles: [],
    scopes: [],
    claims: {},
  },
}

/** For the day on which the policy in force shuts out everybody: its word is not asked, and the record says so. */
export const BREAK_GLASS: Decision = {
  effect: 'permit',
  visible: true,
  reasons: [{ code: 'break_glass', message: 'From a shell of this machine; policy was not asked' }],
  scopes: [],
  limits: [],
  obligations: [],
}
