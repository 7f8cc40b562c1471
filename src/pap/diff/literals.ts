/** Constants that the rules of a policy compare with: what they name, the data need not know. */
export type Literals = { readonly strings: readonly string[]; readonly numbers: readonly number[] }

const TOKEN = /#[^\n]*|"(?:\\.|[^"\\\n])*"|`[^`]*`|(?<![\w.])\d+(?:\.\d+)?(?![\w.])/g

const MAX_NAME = 128

/** The constants in Rego sources, comments aside. */
export function literalsIn(sources: readonly string[]): Literals {
  const tokens = sources.flatMap((source) => source.match(TOKEN) ?? []).filter((token) => !token.startsWith('#'))
  const strings = tokens.flatMap(stringOf)
  const numbers = tokens.filter((token) => /^\d/.test(token)).map(Number)
  return {
    strings: [...new Set(strings)].filter(isName).toSorted(),
    numbers: [...new Set(numbers)].toSorted((a, b) => a - b),
  }
}

/** Sentences and template strings are no names. */
const isName = (text: string): boolean =>
  text !== '' && text.length <= MAX_NAME && !/[{}\p{Cc}]|(?: [^ ]+){3}/u.test(text)

function stringOf(token: string): readonly string[] {
  if (token.startsWith('`')) return [token.slice(1, -1)]
  if (!token.startsWith('"')) return []
  try {
    return [String(JSON.parse(token))]
  } catch {
    return []
  }
}

/** What stands in one of the two alone: what a change added or took away. */
export function changedLiterals(base: Literals, head: Literals): Literals {
  const onlyOnce = <T>(a: readonly T[], b: readonly T[]): readonly T[] => [
    ...a.filter((one) => !b.includes(one)),
    ...b.filter((one) => !a.includes(one)),
  ]
  return {
    strings: onlyOnce(base.strings, head.strings).toSorted(),
    numbers: onlyOnce(base.numbers, head.numbers).toSorted((a, b) => a - b),
  }
}
