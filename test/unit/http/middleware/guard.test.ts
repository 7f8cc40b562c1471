import { expect, jest, test } from '@jest/globals'
import { allOf, type Guard } from '../../../../src/http/middleware/guard.ts'
import { incoming } from '../incoming-request.ts'

test('the first refusal ends the round; what comes after is not asked', () => {
  const pass = jest.fn<Guard>(() => undefined)
  const refuse = jest.fn<Guard>(() => ({ code: 'not_acceptable' }))
  const later = jest.fn<Guard>(() => ({ code: 'bad_request' }))
  const request = incoming()
  expect(allOf(pass, refuse, later)(request, '192.0.2.7')).toEqual({ code: 'not_acceptable' })
  expect(pass.mock.calls).toEqual([[request, '192.0.2.7']])
  expect(later).not.toHaveBeenCalled()
})

test('none refuses', () => {
  expect(allOf(() => undefined)(incoming(), '')).toBeUndefined()
  expect(allOf()(incoming(), '')).toBeUndefined()
})
