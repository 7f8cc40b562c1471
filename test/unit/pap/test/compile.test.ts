import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { packBundle } from '../../../../src/pap/bundle/build.ts'
import { readBundle } from '../../../../src/pap/bundle/read.ts'
import { type Compiler, createCompiler } from '../../../../src/pap/test/compile.ts'
import { capabilities, findOpa, root, writeTree } from '../../../policy/tools.ts'
import { SMALL_POLICY } from './small-policy.ts'

const MASK = 'package mcp.log\n\nmask contains "/input/b"\n'
const RULE = 'mcp/rules/area/open/open.rego'

let opa: string
let tree: ReturnType<typeof writeTree>
let compiler: Compiler
beforeAll(async () => {
  opa = await findOpa()
  tree = writeTree(SMALL_POLICY)
  compiler = await createCompiler({ policyDir: tree.dir, opa, capabilities, tools: ['read'] })
})
afterAll(async () => {
  await compiler.close()
  tree.remove()
})

const compiled = async () => {
  const result = await compiler.compile()
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}
const built = async (policyDir: string, tools: readonly string[]) => {
  const packed = await packBundle({ policyDir, opa, capabilities, tools })
  if (!packed.ok) throw new Error(JSON.stringify(packed.error))
  const bundle = await readBundle(packed.value.bytes)
  if (!bundle.ok) throw new Error(JSON.stringify(bundle.error))
  return bundle.value
}

describe('what is tested', () => {
  test('is what would be built, of the default policy too', async () => {
    const tools = ['readFile', 'listFiles', 'searchFiles', 'writeFile']
    const policyDir = join(root, 'policies')
    const whole = await createCompiler({ policyDir, opa, capabilities, tools })
    const tested = await whole.compile()
    await whole.close()
    const { wasm, data } = await built(policyDir, tools)
    expect(tested.ok && Buffer.from(tested.value.bundle.wasm).equals(wasm)).toBe(true)
    expect(tested.ok && tested.value.bundle.data).toEqual(data)
  })

  test('is what would be built after every change', async () => {
    const before = await compiled()
    writeFileSync(join(tree.dir, 'mcp/log.rego'), MASK)
    writeFileSync(join(tree.dir, RULE), SMALL_POLICY[RULE].replace('"Open"', '"Open to her"'))
    const after = await compiled()
    rmSync(join(tree.dir, 'mcp/log.rego'))
    const last = await compiled()
    const fresh = await built(tree.dir, ['read'])
    expect(before.modules.map(({ file }) => file)).toEqual(['mcp/main/main.rego', RULE])
    expect(after.modules.map(({ file }) => file)).toEqual(['mcp/log.rego', 'mcp/main/main.rego', RULE])
    expect(Buffer.from(last.bundle.wasm).equals(fresh.wasm)).toBe(true)
    expect(Buffer.from(before.bundle.wasm).equals(fresh.wasm)).toBe(false)
  })

  const faults: readonly { name: string; file: string; text: string; line: number; message: RegExp }[] = [
    {
      name: 'a syntax error',
      file: RULE,
      text: 'package mcp.rules.area.open\n\npermit contains',
      line: 3,
      message: /rego_parse_error/,
    },
    {
      name: 'a type error',
      file: RULE,
      text: 'package mcp.rules.area.open\n\npermit contains x if true',
      line: 3,
      message: /var x is unsafe/,
    },
    {
      name: 'what nothing would read',
      file: RULE,
      text: 'package mcp.rules.area.open\n\nallow contains 1',
      line: 3,
      message: /no kind of rule/,
    },
  ]
  test.each(faults)(
    'is refused for $name, and compiled again once it is gone',
    async ({ file, text, line, message }) => {
      writeFileSync(join(tree.dir, file), text)
      const refused = await compiler.compile()
      writeFileSync(join(tree.dir, file), SMALL_POLICY[RULE])
      expect(refused.ok ? [] : refused.error).toContainEqual(
        expect.objectContaining({ file, line, message: expect.stringMatching(message) }),
      )
      expect(await compiler.compile()).toMatchObject({ ok: true })
    },
  )

  test('has to be there', async () => {
    const nowhere = await createCompiler({ policyDir: join(tree.dir, 'nowhere'), opa, capabilities, tools: [] })
    expect(await nowhere.compile()).toEqual({
      ok: false,
      error: [{ message: 'there is no such policy folder', remedy: 'Name the root of a policy tree' }],
    })
    await nowhere.close()
  })
})
