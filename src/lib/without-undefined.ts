/** JSON has no undefined, and schemas know absent members only. */
export function withoutUndefined<T extends object>(members: { [Member in keyof T]: T[Member] | undefined }): T {
  const present: Partial<T> = {}
  for (const name in members) if (members[name] !== undefined) present[name] = members[name]
  return present as T
}
