/** Names come from policies, logs and callers: none of them may move the cursor, or turn the reading direction. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu

/** One line of a terminal, whatever is in it. */
export const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
