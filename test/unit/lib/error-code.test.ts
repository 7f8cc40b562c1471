import { expect, test } from '@jest/globals'
import { errorCode } from '../../../src/lib/error-code.ts'

test.each([
  [Object.assign(new Error('x'), { code: 'ENOENT' }), 'ENOENT'],
  [new Error('x'), 'unknown cause'],
  ['ENOENT', 'unknown cause'],
  [null, 'unknown cause'],
])('the code of %p is %s', (error, code) => {
  expect(errorCode(error)).toBe(code)
})
