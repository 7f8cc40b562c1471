import { describe, expect, test } from '@jest/globals'
import { Compile } from 'typebox/compile'
import { BUILTIN_TOOLS } from '../../../src/tools/builtin.ts'

const facts = (name: string) => {
  const tool = BUILTIN_TOOLS.find((tool) => tool.name === name)
  return tool && { readOnly: tool.readOnly, workspace: tool.workspace, paths: tool.paths, payload: tool.payload }
}

describe('the built-in tools', () => {
  test('are the four that the policies name, with what policy may know of them', () => {
    expect(BUILTIN_TOOLS.map(({ name }) => [name, facts(name)])).toEqual([
      ['readFile', { readOnly: true, workspace: true, paths: { '/path': 'read' }, payload: [] }],
      ['listFiles', { readOnly: true, workspace: true, paths: { '/path': 'list' }, payload: [] }],
      ['searchFiles', { readOnly: true, workspace: true, paths: { '/path': 'list' }, payload: [] }],
      ['writeFile', { readOnly: false, workspace: true, paths: { '/path': 'write' }, payload: ['/content'] }],
    ])
  })

  const notPaths: readonly unknown[] = [
    ['/srv/a/x'],
    { toString: '/etc' },
    7,
    null,
    { type: 'Buffer', data: [47, 101] },
    'a'.repeat(4097),
  ]
  test.each(notPaths)('a path %j is an invalid argument of all of them (A-025)', (path) => {
    const accepting = BUILTIN_TOOLS.filter(({ input }) => Compile(input).Check({ path, content: '', text: 'x' }))
    expect(accepting).toEqual([])
  })
})
