import { expect, jest, test } from '@jest/globals'
import { createInstances } from '../../../src/pdp/instances.ts'
import type { Instance } from '../../../src/pdp/sdk.ts'

const instance = (minorVersion: number) => ({ minorVersion }) as Instance
const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve))

function world(make: () => Promise<Instance> = async () => instance(3)) {
  const making = jest.fn(make)
  const instances = createInstances(instance(1), instance(2), making)
  return { making, instances, current: () => instances.current()?.minorVersion }
}

test('the spare takes over at once, and one other is made in its place', async () => {
  const { making, instances, current } = world()
  expect(current()).toBe(1)
  instances.discard()
  expect(current()).toBe(2)
  expect(making).not.toHaveBeenCalled()
  await nextTurn()
  await nextTurn()
  expect(making).toHaveBeenCalledTimes(1)
  instances.discard()
  expect(current()).toBe(3)
  expect(instances.restarts()).toBe(2)
})

test('without one that is ready there is none, until one is made', async () => {
  const { making, instances, current } = world()
  instances.discard()
  instances.discard()
  expect(current()).toBeUndefined()
  await nextTurn()
  await nextTurn()
  expect(making).toHaveBeenCalledTimes(2)
  expect(current()).toBe(3)
})

test('one that could not be made is told, and asked for again when it is needed', async () => {
  const failing = jest.fn<() => Promise<Instance>>().mockRejectedValue('no memory')
  const { instances, current } = world(failing)
  instances.discard()
  instances.discard()
  await nextTurn()
  await nextTurn()
  expect(failing).toHaveBeenCalledTimes(2)
  expect(instances.lastFailure()).toBe('no new instance: no memory')
  failing.mockResolvedValue(instance(4))
  expect(current()).toBeUndefined()
  await nextTurn()
  await nextTurn()
  expect(current()).toBe(4)
})

test('after closing nothing new is made, and what is ready stays', async () => {
  const { making, instances, current } = world()
  instances.close()
  instances.discard()
  await nextTurn()
  await nextTurn()
  expect(making).not.toHaveBeenCalled()
  expect(current()).toBe(2)
})

test('what is made while it closes is let go', async () => {
  let finish: (made: Instance) => void = () => undefined
  const { instances, current } = world(
    () =>
      new Promise((resolve) => {
        finish = resolve
      }),
  )
  instances.discard()
  instances.discard()
  await nextTurn()
  instances.close()
  finish(instance(5))
  await nextTurn()
  expect(current()).toBeUndefined()
})
