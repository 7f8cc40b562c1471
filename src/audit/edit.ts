import { isObject } from '../model/json.ts'

/**
 * JSON with one place changed. Nothing that was passed in is changed, and what stays is shared. Members
 * are looked for among own properties only, so that `__proto__` is a name like any other.
 */
export const removeAt = (value: unknown, members: readonly string[]): unknown => {
  const [member, ...rest] = members
  if (member === undefined) return value
  const child = childOf(value, member)
  if (child === undefined) return value
  if (rest.length === 0) return omit(value, member)
  const next = removeAt(child.value, rest)
  return next === child.value ? value : put(value, member, next)
}

/** As OPA does: objects on the way are made, array elements are not. The same value comes back when it cannot be done. */
export const upsertAt = (value: unknown, members: readonly string[], content: unknown): unknown => {
  const [member, ...rest] = members
  if (member === undefined) return content
  const child = childOf(value, member)
  if (child === undefined && !isObject(value)) return value
  const before = child === undefined ? {} : child.value
  const next = upsertAt(before, rest, content)
  return next === before && rest.length > 0 ? value : put(value, member, next)
}

/** An array index as RFC 6901 writes it. */
export const isIndex = (member: string): boolean => /^(?:0|[1-9]\d{0,8})$/.test(member)

const childOf = (value: unknown, member: string): { readonly value: unknown } | undefined => {
  if (Array.isArray(value)) {
    return isIndex(member) && Number(member) < value.length ? { value: value[Number(member)] } : undefined
  }
  return isObject(value) && Object.hasOwn(value, member) ? { value: value[member] } : undefined
}

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
