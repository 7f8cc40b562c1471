import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { Compile } from 'typebox/compile'
import { parse } from 'yaml'
import { createCaseReader } from '../../src/pap/test/case-files.ts'
import { root } from './tools.ts'

const folder = join(root, 'test/policy')
const files = readdirSync(join(folder, 'cases')).map((file) => `cases/${file}`)
const textOf = (file: string) => readFileSync(join(folder, file), 'utf8')
const schema = (name: string) => JSON.parse(textOf(name))

// Whether the policy decides as these files want is what `portcullis test` says.
describe('the cases of the default policy', () => {
  test.each([
    ...files.map((file) => ({ file, schema: '../case.schema.json' })),
    { file: 'fixtures.yaml', schema: 'fixtures.schema.json' },
  ])('$file has the published form, and says so to editors', ({ file, schema: named }) => {
    const text = textOf(file)
    expect(text.split('\n')[0]).toBe(`# yaml-language-server: $schema=${named}`)
    const published = Compile(schema(named.replace('../', '')))
    expect(published.Errors(parse(text))).toEqual([])
  })

  test('are all asked, none skipped', async () => {
    const read = await createCaseReader({ casesDir: join(folder, 'cases'), root }).read()
    expect(read.ok && read.value.length).toBeGreaterThan(400)
    expect(read.ok && read.value.filter(({ skip }) => skip !== undefined)).toEqual([])
  })
})
