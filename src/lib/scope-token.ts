/** A scope-token of RFC 6749, 3.3, as the pattern of a schema. */
export const SCOPE_TOKEN = '^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$'

const pattern = new RegExp(SCOPE_TOKEN)

export const isScopeToken = (text: string): boolean => pattern.test(text)
