import { describe, expect, test } from '@jest/globals'
import { downgradeFault } from '../../../../src/pap/bundle/manifest.ts'

describe('a downgrade', () => {
  const cases: readonly { name: string; version?: number; floor?: number; message?: string }[] = [
    { name: 'is nothing before there was a version' },
    { name: 'is nothing before there was a version, whatever the first is', version: 3 },
    { name: 'is not the same version', version: 3, floor: 3 },
    { name: 'is not a higher version', version: 4, floor: 3 },
    { name: 'is a lower version', version: 2, floor: 3, message: 'has version 2, and 3 was in force already' },
    { name: 'is no version', floor: 0, message: 'has no version, and 0 was in force already' },
  ]
  test.each(cases)('$name', ({ version, floor, message }) => {
    const remedy = `Build with \`--bundle-version ${(floor ?? 0) + 1}\`, or roll back on purpose with \`portcullis rollout rollback\``
    const candidate = version === undefined ? {} : { version }
    expect(downgradeFault(candidate, floor)).toEqual(message && { file: '.manifest', message, remedy })
  })
})
