import { fileURLToPath } from 'node:url'
import { describe, expect } from '@jest/globals'
import { type TSchema, Type } from 'typebox'
import { defineTool } from '../../src/index.ts'
import { ok } from '../../src/lib/result.ts'
import { attacksOn } from './attack.ts'
import { expectAnswer, invalidArguments, PARSE_ERROR } from './expected.ts'
import { startServer } from './server.ts'

const moduleOf = (name: string) => fileURLToPath(new URL(`./tools/${name}.ts`, import.meta.url))

/** What is wrong with a tool that takes such an argument. */
function faultsOf(argument: TSchema): readonly string[] {
  try {
    defineTool({
      name: 'bomb',
      title: 'Bomb',
      description: 'Bomb',
      input: Type.Object({ x: argument }, { additionalProperties: false }),
      output: Type.Object({}),
      readOnly: true,
      run: async () => ok({}),
    })
    return []
  } catch (error) {
    return String(error).split('\n  ').slice(1)
  }
}

const TEXT = Type.String({ maxLength: 100 })
const unbounded = 'a schema that admits anything, or one that cannot be bounded ($ref, Type.Unknown, …)'

describe('tools of others', () => {
  const attack = attacksOn({ config: { tools: [moduleOf('counts')] } })

  attack('C-068', async () => {
    const module = moduleOf('backtracks')
    const fault = 'pattern must not contain groups or alternatives; use Type.Union or Type.Enum'
    await expect(startServer({ config: { tools: [module] } })).rejects.toThrow(
      `${module}: cannot be imported: TypeError: defineTool "backtracks":\n  input/text: ${fault}`,
    )
    const patterns = ['(a+)+', '^(a|a)*$', '^a*a*a*$', '^[a-z]+', '^(?=a)a$', '^a{1,}a{1,}a{1,}$']
    for (const pattern of patterns) {
      expect(faultsOf(Type.String({ maxLength: 100, pattern }))).toEqual([
        expect.stringMatching(/^input\/x: pattern must /),
      ])
    }
    expect(faultsOf(Type.String({ maxLength: 100, pattern: '^[a-z]*-[0-9]*$' }))).toEqual([])
  })

  attack(
    'C-069',
    async (scene) => {
      const arrays = Array.from({ length: 200 }, () => Type.Array(Type.Integer(), { maxItems: 20_000 }))
      const bombs: readonly (readonly [schema: TSchema, fault: string])[] = [
        [
          Type.Union(arrays),
          ': a value may take 4000002 steps to check, more than 200000; lower maxItems or the alternatives',
        ],
        [Type.Array(TEXT), '/x: an array needs maxItems'],
        [Type.String(), '/x: a string needs maxLength'],
        [Type.Object({}), '/x: an object must be closed: { additionalProperties: false }, no records'],
        [Type.Record(Type.String(), TEXT), '/x: an object must be closed: { additionalProperties: false }, no records'],
        [Type.Unknown(), `/x: ${unbounded}`],
        [Type.Any(), `/x: ${unbounded}`],
        [Type.Ref('T'), `/x: ${unbounded}`],
        [Type.Union([TEXT, Type.Array(Type.Unknown(), { maxItems: 5 })]), `/x/*: ${unbounded}`],
      ]
      for (const [schema, fault] of bombs) expect(faultsOf(schema)).toEqual([`input${fault}`])

      const body = (numbers: string) =>
        `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"count","arguments":{"numbers":${numbers}}}}`
      const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
      expectAnswer(await scene.post(body(deep)), PARSE_ERROR)
      const wrong = await scene.call('count', { numbers: new Array(90_000).fill('x') })
      const faults = Array.from({ length: 64 }, (_, n) => [`/numbers/${n}`, 'must be integer'] as const)
      expectAnswer(wrong, invalidArguments(faults))
    },
    { roles: ['admin'] },
  )
})
