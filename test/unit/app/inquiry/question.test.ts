import { describe, expect, test } from '@jest/globals'
import { inputForMethod, inputForTool, sampleArguments } from '../../../../src/app/inquiry/question.ts'
import { input } from '../../audit/facts.ts'

const { subject } = input
const now = new Date('2026-11-22T15:44:00.000Z')

describe('the question about a tool', () => {
  test('is the one that the gateway would ask', () => {
    const asked = inputForTool(subject, 'readFile', { path: '/docs/a.txt' }, now)
    expect({ known: asked.known, faults: asked.faults, input: asked.input }).toEqual({
      known: true,
      faults: [],
      input: {
        subject,
        action: { name: 'tools/call' },
        resource: {
          type: 'tool',
          id: 'readFile',
          properties: {
            server: 'portcullis',
            read_only: true,
            access: ['read'],
            tags: ['files'],
            arguments: expect.objectContaining({ path: '/docs/a.txt' }),
            paths: [{ argument: '/path', segments: ['docs', 'a.txt'], access: 'read' }],
          },
        },
        context: {
          time: '2026-11-22T15:44:00.000Z',
          unix: 1795362240,
          weekday: 7,
          hour: 15,
          minute: 44,
          request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          protocol_version: '2026-07-28',
          era: 'modern',
          bytes: 0,
        },
      },
    })
  })

  test.each(['readFile', 'listFiles', 'writeFile'])('%s has samples for what it requires besides a path', (tool) => {
    const args = sampleArguments(tool, { path: '/docs' })
    expect(inputForTool(subject, tool, args, now).faults).toEqual([])
    expect(args['path']).toBe('/docs')
  })

  test('a tool that is none has no samples', () => {
    expect(sampleArguments('none', { path: '/docs' })).toEqual({ path: '/docs' })
  })
})

describe('the question about a method', () => {
  test.each(['ping', 'tools/list', 'notifications/initialized'])('%s is about the server', (method) => {
    const asked = inputForMethod(subject, method, now)
    expect(asked.ok && [asked.value.action, asked.value.resource]).toEqual([
      { name: method },
      { type: 'server', id: 'portcullis', properties: {} },
    ])
  })

  test.each([
    ['tools/call', 'tools/call is about a tool: name it with --tool'],
    ['resources/read', 'resources/read is about one thing by name: describe it in an input file'],
    ['tool/list', 'tool/list is no MCP method; did you mean tools/list?'],
    ['nothing', 'nothing is no MCP method'],
  ])('%s is refused', (method, error) => {
    expect(inputForMethod(subject, method, now)).toEqual({ ok: false, error })
  })
})
