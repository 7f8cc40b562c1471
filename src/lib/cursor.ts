/** An opaque name for a place in a list, of the item that it comes after. */
export const toCursor = (id: string): string => Buffer.from(id).toString('base64url')

export const fromCursor = (cursor: string): string => Buffer.from(cursor, 'base64url').toString()
