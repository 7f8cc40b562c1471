import { expect, test } from '@jest/globals'
import { guardSize } from '../../../../src/http/middleware/size.ts'
import { withHeaders } from '../incoming-request.ts'

test.each<{ length: string | undefined; is: string }>([
  { length: undefined, is: 'passes' },
  { length: '0', is: 'passes' },
  { length: '100', is: 'passes' },
  { length: '101', is: 'body_too_large' },
  { length: '999999999999999', is: 'body_too_large' },
  { length: '9999999999999999', is: 'bad_request' },
  { length: '+4', is: 'bad_request' },
  { length: '-1', is: 'bad_request' },
  { length: '4.0', is: 'bad_request' },
  { length: '0x10', is: 'bad_request' },
  { length: '1e2', is: 'bad_request' },
  { length: '4, 5', is: 'bad_request' },
  { length: 'abc', is: 'bad_request' },
  { length: '', is: 'bad_request' },
])('Content-Length $length of at most 100: $is (C-027, C-028)', ({ length, is }) => {
  const headers = length === undefined ? [] : [['content-length', length] as const]
  expect(guardSize(100)(withHeaders(...headers), '')?.code ?? 'passes').toBe(is)
})
