import { headerValues } from '../incoming.ts'
import type { Guard } from '../middleware/guard.ts'
import type { AdminAction } from './actions.ts'

const BUNDLE_TYPE = 'application/gzip'

const WANTED: Partial<Record<AdminAction, string>> = {
  'policy/check': BUNDLE_TYPE,
  'policy/activate': 'application/json',
}

/** A body has the type of what is asked for, so that nothing a page may send without being asked is taken for it. */
export function guardAdminMedia(action: AdminAction): Guard {
  const wanted = WANTED[action]
  return (incoming) => {
    const [type = ''] = headerValues(incoming, 'content-type')
    const [sent = ''] = type.toLowerCase().split(';')
    const isEncoded = headerValues(incoming, 'content-encoding').some((value) => value.toLowerCase() !== 'identity')
    if (isEncoded) return { code: 'unsupported_media_type' }
    return wanted === undefined || sent.trim() === wanted ? undefined : { code: 'unsupported_media_type' }
  }
}
