import { describe, expect, test } from '@jest/globals'
import type { AdminAction } from '../../../../src/http/admin/actions.ts'
import { guardAdminMedia } from '../../../../src/http/admin/media.ts'
import { withHeaders } from '../incoming-request.ts'

type Row = {
  readonly action: AdminAction
  readonly type?: string
  readonly encoding?: string
  readonly passes: boolean
}

const ROWS: readonly Row[] = [
  { action: 'policy/check', type: 'application/gzip', passes: true },
  { action: 'policy/check', type: 'Application/GZIP; q=1', passes: true },
  { action: 'policy/check', type: 'application/json', passes: false },
  { action: 'policy/check', type: 'application/x-www-form-urlencoded', passes: false },
  { action: 'policy/check', passes: false },
  { action: 'policy/check', type: 'application/gzip', encoding: 'gzip', passes: false },
  { action: 'policy/activate', type: 'application/json', passes: true },
  { action: 'policy/activate', type: 'application/json; charset=utf-8', encoding: 'identity', passes: true },
  { action: 'policy/activate', type: 'text/plain', passes: false },
  { action: 'policy/activate', passes: false },
  { action: 'policy/rollback', passes: true },
  { action: 'policy/rollback', type: 'text/plain', passes: true },
  { action: 'policy/rollback', encoding: 'br', passes: false },
  { action: 'policy/read', passes: true },
  { action: 'policy/shadow', passes: true },
]

describe('the type of what is sent to administration', () => {
  test.each(ROWS)('$action, $type $encoding', ({ action, type, encoding, passes }) => {
    const headers = [
      ...(type === undefined ? [] : [['content-type', type] as const]),
      ...(encoding === undefined ? [] : [['content-encoding', encoding] as const]),
    ]
    const refusal = guardAdminMedia(action)(withHeaders(...headers), '')
    expect(refusal).toEqual(passes ? undefined : { code: 'unsupported_media_type' })
  })
})
