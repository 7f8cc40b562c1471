/** True for text that a header carries as it is, without spaces (VCHAR of RFC 5234). */
export const isVisibleAscii = (text: string): boolean => /^[\x21-\x7e]+$/.test(text)
