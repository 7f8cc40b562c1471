import { headerValues } from '../incoming.ts'
import type { Guard } from './guard.ts'

/** Refuses a body that says it is too large, before a byte of it is read. Others are counted while they are read. */
export function guardSize(limit: number): Guard {
  return (incoming) => {
    const [length] = headerValues(incoming, 'content-length')
    if (length === undefined) return undefined
    if (!/^\d{1,15}$/.test(length)) return { code: 'bad_request' }
    return Number(length) > limit ? { code: 'body_too_large' } : undefined
  }
}
