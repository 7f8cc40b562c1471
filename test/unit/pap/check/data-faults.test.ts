import { describe, expect, test } from '@jest/globals'
import type { JsonObject } from '../../../../src/model/json.ts'
import { dataFaults } from '../../../../src/pap/check/data-faults.ts'

const good = {
  roles: { admin: { plan: 'big', rank: 1 }, guest: {} },
  inherits: { admin: ['guest'], guest: [] },
  plans: { big: { per_day: { limit: 0 } } },
  scopes: {},
}
const messages = (mcp: JsonObject) => dataFaults({ mcp }).map(({ file, message }) => `${file}: ${message}`)

describe('what is taken', () => {
  const cases: readonly { name: string; data: JsonObject }[] = [
    { name: 'the default layout', data: { mcp: good } },
    { name: 'no data', data: {} },
    { name: 'a policy with other documents', data: { mine: { rules: 1 } } },
    { name: 'roles without inheritance', data: { mcp: { roles: { admin: {} } } } },
  ]
  test.each(cases)('$name', ({ data }) => {
    expect(dataFaults(data)).toEqual([])
  })
})

describe('what is refused', () => {
  const cases: readonly { name: string; mcp: JsonObject; faults: readonly string[] }[] = [
    {
      name: 'data that would be rules',
      mcp: { rules: { a: { b: { permit: ['x'] } } } },
      faults: ['mcp/rules/data.yaml: data at data.mcp.rules stands where it would be taken for rules or ignored'],
    },
    {
      name: 'a plan that does not exist',
      mcp: { ...good, roles: { ...good.roles, guest: { plan: 'small' } } },
      faults: ['mcp/roles/data.yaml: role "guest" names the plan "small", which does not exist'],
    },
    {
      name: 'a plan by the name of a property of all objects',
      mcp: { ...good, roles: { ...good.roles, guest: { plan: 'toString' } } },
      faults: ['mcp/roles/data.yaml: role "guest" names the plan "toString", which does not exist'],
    },
    {
      name: 'a role without its key',
      mcp: { ...good, inherits: { admin: [] } },
      faults: ['mcp/inherits/data.yaml: role "guest" is no key'],
    },
    {
      name: 'an unknown parent',
      mcp: { ...good, inherits: { admin: ['root'], guest: [] } },
      faults: ['mcp/inherits/data.yaml: role "admin" inherits "root", which is no role here'],
    },
    {
      name: 'parents that are no list',
      mcp: { ...good, inherits: { admin: null, guest: [] } },
      faults: ['mcp/inherits/data.yaml: role "admin" inherits null, which is no role here'],
    },
    {
      name: 'figures that are no limits',
      mcp: { ...good, plans: { big: { per_day: { limit: -1 }, burst: Number.POSITIVE_INFINITY } } },
      faults: ['mcp/plans/data.yaml: big.per_day.limit is -1', 'mcp/plans/data.yaml: big.burst is Infinity'],
    },
  ]
  test.each(cases)('$name', ({ mcp, faults }) => {
    expect(messages(mcp)).toEqual(faults)
  })
})
