import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { deferred } from '../../src/lib/deferred.ts'
import type { DecisionRecord } from '../../src/model/record.ts'
import { opened, watchOpening } from './opened-paths.ts'
import { ALLOWANCES } from './policy.ts'
import type { Answer, Caller, Era, Sent, World } from './world.ts'

// The product is imported after its file system is watched, and what imports it with it.
watchOpening()
const { held } = await import('./tools.ts')
const { openWorld, stopClocks, until } = await import('./world.ts')

const HIDDEN = { readonly: 'writeFile', user: 'hold' } as const
const TOOLS = ['readFile', 'listFiles', 'searchFiles', 'writeFile', 'explode', 'misanswer', 'hold', 'count', 'route']

/** A tree each of whose files says its own path. */
const PLACES = ['public', 'docs', 'private', 'users/readonly', 'users/user', 'users/admin', 'users/someone', '']
const NAMES = ['a.txt', 'B', 'ü ber.md', '.env', '..b', '%2e%2e', 'a'.repeat(200)]
const PATHS = PLACES.flatMap((place) => NAMES.map((name) => (place === '' ? name : `${place}/${name}`)))
const FILES = Object.fromEntries(PATHS.map((path) => [path, path]))

let world: World
let serial = 0
/** Somebody who never called before: all limits are his. */
const somebody = async (caller: Caller = {}): Promise<{ sub: string; token: string }> => {
  serial += 1
  const sub = caller.sub ?? `someone-${serial}`
  return { sub, token: await world.token({ ...caller, sub }) }
}

beforeAll(async () => {
  stopClocks()
  world = await openWorld({}, { files: FILES })
})
afterAll(() => world.close())

const era = fc.constantFrom<Era>('legacy', 'modern')
const roles = fc.uniqueArray(fc.constantFrom('admin', 'user', 'readonly', 'ghost', 'ample', ''), { maxLength: 4 })
const sentOn = (wire: Era): Sent => (wire === 'modern' ? { era: 'modern' } : {})
const runs = (numRuns: number) => ({ numRuns })

type Result = {
  readonly result?: { readonly isError?: true; readonly structuredContent?: unknown; readonly _meta?: object }
}
const resultOf = ({ body }: Answer) => (body as Result).result
const wasRefused = (answer: Answer): boolean =>
  resultOf(answer) === undefined || 'io.portcullis/refusal' in (resultOf(answer)?._meta ?? {})

describe('listed ⇔ callable with some arguments', () => {
  /** For each tool, calls of which at least one must pass if any call could. */
  const attempts = (tool: string, sub: string): readonly object[] => {
    const places = ['public', 'docs', `users/${sub}`, '']
    const paths = places.map((place) => (place === '' ? 'B' : `${place}/B`))
    switch (tool) {
      case 'readFile':
        return paths.map((path) => ({ path }))
      case 'listFiles':
      case 'searchFiles':
        return places.map((path) => ({ path, ...(tool === 'searchFiles' && { glob: '*' }) }))
      case 'writeFile':
        return paths.map((path) => ({ path, content: '' }))
      case 'count':
        return [{ numbers: [] }]
      case 'route':
        return [{ region: 'eu' }]
      default:
        return [{}]
    }
  }

  const check = async (who: readonly string[], wire: Era) => {
    const { sub, token } = await somebody({ roles: who })
    const sent = { ...sentOn(wire), token, headers: { 'mcp-param-region': 'eu' } }
    held.release = deferred()
    held.release.resolve()
    const list = await world.send({ ...sent, method: 'tools/list' })
    const listed = (list.body as { result: { tools: readonly { name: string }[] } }).result.tools.map(
      ({ name }) => name,
    )
    for (const tool of TOOLS) {
      const { headers, ...plain } = sent
      const answers: Answer[] = []
      for (const args of attempts(tool, sub)) {
        answers.push(
          await world.call(tool, args, tool === 'route' && wire === 'modern' ? { ...plain, headers } : plain),
        )
      }
      const passed = answers.some((answer) => !wasRefused(answer) || isFailure(answer))
      expect({ tool, who, listed: listed.includes(tool) }).toEqual({ tool, who, listed: passed })
    }
  }
  /** The tool ran: it was permitted. */
  const isFailure = (answer: Answer) => answer.text.includes('The tool failed')

  test.each(['admin', 'user', 'readonly', 'ghost'])('%s', async (role) => {
    await check([role], 'legacy')
    await check([role], 'modern')
  })

  test('any combination of roles', async () => {
    await fc.assert(fc.asyncProperty(roles, era, check), runs(12))
  })
})

describe('hidden ≡ unknown', () => {
  const name = fc.oneof(
    fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
    fc.constantFrom('__proto__', 'constructor', 'toString', 'readfile', 'writeFile ', '=?base64?d3JpdGVGaWxl?='),
    fc.string({ minLength: 1, maxLength: 20 }).map((text) => `write${text}`),
  )
  const args = fc.oneof(
    {
      arbitrary: fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
      weight: 5,
    },
    {
      arbitrary: fc.record({
        path: fc.constantFrom('public/a.txt', '../x', '/users/user/a.txt'),
        content: fc.string(),
      }),
      weight: 5,
    },
    { arbitrary: fc.constant({ numbers: new Array(20_001).fill(1) }), weight: 1 },
  )

  test('to the byte, save id and echoed name', async () => {
    const permitted = new Set(['readFile', 'listFiles'])
    const callers = {
      readonly: (await somebody({ roles: ['readonly'] })).token,
      user: (await somebody({ roles: ['user'] })).token,
    }
    const property = fc.asyncProperty(
      name.filter((text) => text.isWellFormed() && !TOOLS.includes(text) && !permitted.has(text)),
      args,
      era,
      fc.constantFrom('readonly' as const, 'user' as const),
      async (unknown, sentArguments, wire, role) => {
        const sent = { ...sentOn(wire), token: callers[role] }
        const ask = async (tool: string, id: string) => {
          const { status, headers, text } = await world.call(tool, sentArguments, { ...sent, id })
          const echoed = JSON.stringify(`Unknown tool: ${tool}`)
          return { status, headers, text: text.replace(echoed, '<name>').replace(JSON.stringify(id), '<id>') }
        }
        const absent = await ask(unknown, 'a')
        expect(absent.text).toBe('{"jsonrpc":"2.0","id":<id>,"error":{"code":-32602,"message":<name>}}')
        expect(await ask(HIDDEN[role], 'another')).toEqual(absent)
        if (role === 'user') expect(await ask('count', 'b')).toEqual(absent)
      },
    )
    await fc.assert(property, runs(150))
  })
})

describe('a refused request', () => {
  const refusals: readonly (readonly [string, string, object])[] = [
    ['outside', 'readFile', { path: 'private/a.txt' }],
    ['never', 'readFile', { path: 'public/.env' }],
    ['another user', 'listFiles', { path: 'users/admin' }],
    ['invalid', 'readFile', { path: 'public/../private/a.txt' }],
    ['hidden', 'writeFile', { path: 'public/a.txt', content: 'x', overwrite: true }],
    ['unknown', 'nothing', {}],
    ['too large', 'count', { numbers: new Array(20_001).fill(1) }],
  ]

  test('charges nothing and opens nothing', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.constantFrom(...refusals), { minLength: 1, maxLength: 12 }),
      era,
      async (calls, wire) => {
        const { sub, token } = await somebody({ roles: ['readonly'] })
        const sent = { ...sentOn(wire), token }
        opened.length = 0
        for (const [, tool, args] of calls) expect(wasRefused(await world.call(tool, args, sent))).toBe(true)
        expect(opened.filter((path) => path.startsWith('/proc/self/fd/'))).toEqual([])
        const answer = await world.call('readFile', { path: 'public/B' }, sent)
        expect(resultOf(answer)?.structuredContent).toMatchObject({ content: 'public/B' })
        const record = (await world.decisions()).findLast((line) => subjectOf(line.input) === sub)
        expect(record?.limits?.map(({ name, used }) => [name, used])).toEqual([
          ['calls at the same time', 1],
          ['calls per day', 1],
          ['readFile per minute', 1],
        ])
      },
    )
    await fc.assert(property, runs(15))
  })

  test('the watch sees what a permitted call opens', async () => {
    opened.length = 0
    await world.call('readFile', { path: 'public/B' }, await somebody())
    expect(opened.map((path) => path.split('/').at(-1))).toEqual(['public', 'B'])
  })

  test('a call beyond its limit charges no other limit', async () => {
    const { sub, token } = await somebody({ roles: ['rate-1'] })
    for (let n = 0; n < 5; n++) await world.call('readFile', { path: 'B' }, { token })
    await world.call('listFiles', {}, { token })
    const record = (await world.decisions()).findLast((line) => subjectOf(line.input) === sub)
    expect(record?.limits?.map(({ name, used }) => [name, used])).toEqual([
      ['calls at the same time', 1],
      ['calls per day', 2],
      ['listFiles per minute', 1],
    ])
  })
})

/** The paths that policy saw. */
function pathsOf(record: DecisionRecord | undefined): readonly string[] {
  type Input = { readonly resource: { readonly properties: { readonly paths: readonly { segments: string[] }[] } } }
  const input = record?.input as Input | undefined
  return input?.resource.properties.paths.map(({ segments }) => segments.join('/')) ?? []
}

const subjectOf = (input: unknown): string | undefined =>
  (input as { subject?: { id: string } } | undefined)?.subject?.id

describe('of N calls at once', () => {
  test('a rate of L admits exactly L', async () => {
    const property = fc.asyncProperty(fc.constantFrom(...ALLOWANCES), fc.nat(24), era, async (allowance, n, wire) => {
      const { token } = await somebody({ roles: [`rate-${allowance}`] })
      const call = () => world.call('readFile', { path: 'public/B' }, { ...sentOn(wire), token })
      const answers = await Promise.all(Array.from({ length: n }, call))
      expect(answers.filter((answer) => !wasRefused(answer))).toHaveLength(Math.min(n, allowance))
    })
    await fc.assert(property, runs(15))
  })

  test('a concurrency of L admits exactly L, and L more when those have ended', async () => {
    const property = fc.asyncProperty(fc.constantFrom(...ALLOWANCES), fc.nat(16), era, async (allowance, n, wire) => {
      const { token } = await somebody({ roles: [`slots-${allowance}`] })
      const round = async () => {
        held.release = deferred()
        const { started } = held
        let refused = 0
        const calls = Array.from({ length: n }, async () => {
          const answer = await world.call('hold', {}, { ...sentOn(wire), token })
          if (wasRefused(answer)) refused += 1
          return answer
        })
        await until(
          async () => held.started - started + refused,
          (told) => told === n,
        )
        const counts = { running: held.started - started, refused }
        held.release.resolve()
        await Promise.all(calls)
        await world.outcomes()
        return counts
      }
      const expected = { running: Math.min(n, allowance), refused: Math.max(0, n - allowance) }
      expect([await round(), await round()]).toEqual([expected, expected])
    })
    await fc.assert(property, runs(10))
  })
})

describe('what is decided is what is executed', () => {
  const path = fc.constantFrom(...PATHS).chain((plain) => fc.constantFrom(plain, `/${plain}`))
  const encoding = fc.constantFrom('utf8' as const, 'base64' as const)

  test('the arguments decided on have the digest of those that ran', async () => {
    const args = fc.record(
      { path, encoding, offset: fc.nat(3), length: fc.integer({ min: 1, max: 9 }) },
      { requiredKeys: ['path'] },
    )
    const token = (await somebody({ roles: ['ample'] })).token
    const property = fc.asyncProperty(args, era, async (sentArguments, wire) => {
      await world.call('readFile', sentArguments, { ...sentOn(wire), token })
      const decision = (await world.decisions()).at(-1)
      const outcome = (await world.outcomes()).find((line) => line.decision_id === decision?.decision_id)
      expect(decision?.arguments_sha256).toMatch(/^[0-9a-f]{64}$/)
      if (decision?.refusal === undefined) expect(outcome?.arguments_sha256).toBe(decision?.arguments_sha256)
      const complete = { encoding: 'utf8', offset: 0, ...sentArguments }
      const digests = permutations(Object.entries(complete)).map((entries) => digestOf(Object.fromEntries(entries)))
      expect(digests).toContain(decision?.arguments_sha256)
    })
    await fc.assert(property, runs(40))
  })

  test('the path that policy saw is the file that was read', async () => {
    const property = fc.asyncProperty(path, roles, era, async (sentPath, who, wire) => {
      const { token } = await somebody({ roles: who })
      const answer = await world.call('readFile', { path: sentPath }, { ...sentOn(wire), token })
      const content = (resultOf(answer)?.structuredContent as { content?: string } | undefined)?.content
      if (content === undefined) return
      const decision = (await world.decisions()).at(-1)
      expect(pathsOf(decision)).toEqual([content])
    })
    await fc.assert(property, runs(60))
  })

  test('a file that is written is the one that policy saw', async () => {
    const token = (await somebody({ roles: ['ample'] })).token
    const property = fc.asyncProperty(path, fc.string(), era, async (sentPath, text, wire) => {
      const sent = { ...sentOn(wire), token }
      const written = await world.call('writeFile', { path: sentPath, content: text, overwrite: true }, sent)
      if (wasRefused(written)) return
      const decision = (await world.decisions()).at(-1)
      const outcome = (await world.outcomes()).find((line) => line.decision_id === decision?.decision_id)
      expect(outcome?.arguments_sha256).toBe(decision?.arguments_sha256)
      const seen = pathsOf(decision)[0] ?? ''
      const answer = await world.call('readFile', { path: seen }, sent)
      expect(resultOf(answer)?.structuredContent).toMatchObject({ content: text })
      await world.call('writeFile', { path: sentPath, content: seen, overwrite: true }, sent)
    })
    await fc.assert(property, runs(25))
  })
})

const digestOf = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex')

/** Members come in the order sent, defaults where the schema puts them: the digest is that of one of these orders. */
function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items]
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]))
}
