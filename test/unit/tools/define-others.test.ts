import { describe, expect, test } from '@jest/globals'
import { Type } from 'typebox'
import { ok } from '../../../src/lib/result.ts'
import { definePrompt, isPrompt } from '../../../src/tools/define-prompt.ts'
import {
  defineResource,
  defineResourceTemplate,
  isResource,
  isResourceTemplate,
} from '../../../src/tools/define-resource.ts'

const shown = { title: 'T', description: 'D' }
const prompt = { ...shown, name: 'greet', run: async () => ok({ messages: [] }) }
const resource = { ...shown, name: 'n', mimeType: 'text/plain', read: async () => ok({ text: '' }) }

describe('definePrompt', () => {
  test('answers a frozen prompt with the defaults', () => {
    const defined = definePrompt(prompt)
    expect(isPrompt(defined)).toBe(true)
    expect(Object.isFrozen(defined)).toBe(true)
    expect(defined).toMatchObject({ name: 'greet', tags: [], asks: false, requires: [], complete: {} })
    expect(defined.arguments).toEqual({ type: 'object', properties: {}, additionalProperties: false })
  })

  test('says everything that is wrong at once', () => {
    const args = Type.Object({ n: Type.Integer(), s: Type.String() }, { additionalProperties: false })
    const wrong = { ...prompt, name: 'a b', title: '', description: '', arguments: args, complete: { x: () => [] } }
    expect(() => definePrompt(wrong)).toThrow(
      [
        'definePrompt "a b":',
        '  name: 1 to 64 of A-Z a-z 0-9 _ -, and no name that every object has, such as "constructor"',
        '  title: must not be empty',
        '  description: must not be empty; people choose prompts by it',
        '  arguments/s: a string needs maxLength',
        '  arguments/n: must be a Type.String; prompts have no other arguments',
        '  complete: x is no argument',
      ].join('\n'),
    )
  })
})

describe('defineResource', () => {
  test('answers a frozen resource with the defaults', () => {
    const defined = defineResource({ ...resource, uri: 'test://a' })
    expect([isResource(defined), isResourceTemplate(defined), Object.isFrozen(defined)]).toEqual([true, false, true])
    expect(defined.tags).toEqual([])
  })

  test.each([
    ['TEST://a', 'uri: write it as test://a'],
    ['test://a/%41', 'uri: write it as test://a/A'],
    ['test', 'uri: scheme://host/segments'],
  ])('%s is refused', (uri, fault) => {
    expect(() => defineResource({ ...resource, uri })).toThrow(fault)
  })
})

describe('defineResourceTemplate', () => {
  test('answers a frozen template with the defaults', () => {
    const defined = defineResourceTemplate({ ...resource, uriTemplate: 'test://a/{id}' })
    expect([isResource(defined), isResourceTemplate(defined), Object.isFrozen(defined)]).toEqual([false, true, true])
    expect([defined.tags, defined.complete]).toEqual([[], {}])
  })

  test.each([
    [{ uriTemplate: 'test://a' }, 'uriTemplate: at least one {variable} in the place of a whole segment'],
    [{ uriTemplate: 'test://a/{id}', complete: { other: () => [] } }, 'complete: other is no variable'],
    [{ uriTemplate: 'test://a/{id}', name: '' }, 'name: must not be empty'],
  ])('%j is refused', (change, fault) => {
    expect(() => defineResourceTemplate({ ...resource, ...change })).toThrow(fault)
  })
})
