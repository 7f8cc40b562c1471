/** The members a JSON pointer (RFC 6901) names, unescaped. `''` is the whole document. */
export const pointerMembers = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((member) => member.replaceAll('~1', '/').replaceAll('~0', '~'))

export const toPointer = (members: readonly (string | number)[]): string =>
  members.map((member) => `/${String(member).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
