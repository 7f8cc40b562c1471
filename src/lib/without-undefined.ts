/** JSON has no undefined, and schemas know absent members only. Takes them out of the object itself. */
export function withoutUndefined<T extends object>(members: { [Member in keyof T]: T[Member] | undefined }): T {
  for (const name in members) if (members[name] === undefined) delete members[name]
  return members as T
}
