import { isObject } from '../model/json.ts'

/**
 * JSON with one place changed. Nothing that was passed in is changed, and what stays is shared. Members
 * are looked for among own properties only, so that `__proto__` is a name like any other.
 */
export const removeAt = (value: unknown, members: readonly string[], from = 0): unknown => {
  const member = members[from]
  if (member === undefined || !has(value, member)) return value
  if (from === members.length - 1) return omit(value, member)
  const child = childOf(value, member)
  const next = removeAt(child, members, from + 1)
  return next === child ? value : put(value, member, next)
}

/** As OPA does: objects on the way are made, array elements are not. The same value comes back when it cannot be done. */
export const upsertAt = (value: unknown, members: readonly string[], content: unknown, from = 0): unknown => {
  const member = members[from]
  if (member === undefined) return content
  if (!has(value, member) && !isObject(value)) return value
  const before = has(value, member) ? childOf(value, member) : {}
  const next = upsertAt(before, members, content, from + 1)
  return next === before && from < members.length - 1 ? value : put(value, member, next)
}

/** An array index as RFC 6901 writes it. */
export const isIndex = (member: string): boolean => /^(?:0|[1-9]\d{0,8})$/.test(member)

const has = (value: unknown, member: string): boolean =>
  Array.isArray(value)
    ? isIndex(member) && Number(member) < value.length
    : isObject(value) && Object.hasOwn(value, member)

const childOf = (value: unknown, member: string): unknown =>
  Array.isArray(value) ? value[Number(member)] : isObject(value) ? value[member] : undefined

// A computed name and a spread define own properties, `__proto__` included; an assignment would set the prototype.
const put = (value: unknown, member: string, child: unknown): unknown => {
  if (Array.isArray(value)) return value.with(Number(member), child)
  return isObject(value) ? { ...value, [member]: child } : value
}

const omit = (value: unknown, member: string): unknown => {
  if (Array.isArray(value)) return value.toSpliced(Number(member), 1)
  if (!isObject(value)) return value
  const { [member]: _, ...rest } = value
  return rest
}
