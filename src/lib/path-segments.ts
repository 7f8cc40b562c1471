import { err, ok, type Result } from './result.ts'

const MAX_PATH_BYTES = 4096
const MAX_SEGMENTS = 64
const MAX_SEGMENT_BYTES = 255

// Lone surrogates reach the disk as U+FFFD, the name of another file; NUL cuts names;
// control, bidi and zero-width characters make one name look like another.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u200b\u2060\ufeff]/u

const exceeds = (text: string, bytes: number) => text.length > bytes || Buffer.byteLength(text) > bytes

/** True for a name that can be a segment of a path. */
export const isSegment = (name: string): boolean =>
  name !== '' &&
  name !== '.' &&
  name !== '..' &&
  !name.includes('/') &&
  !UNPRINTABLE.test(name) &&
  !exceeds(name, MAX_SEGMENT_BYTES)

/**
 * Cuts a path into segments; `''` and `/` are the root, `[]`. One leading and one trailing slash are
 * allowed, everything else is taken literally or is a fault that says what was expected: a path is never
 * normalised, so that the path decided on is the path opened.
 */
export const toSegments = (path: string): Result<readonly string[], string> => {
  if (exceeds(path, MAX_PATH_BYTES)) return err(`must be a path of at most ${MAX_PATH_BYTES} bytes`)
  if (UNPRINTABLE.test(path))
    return err('must be a path of well-formed Unicode without control or invisible characters')
  if (path === '' || path === '/') return ok([])

  const segments = path.slice(path.startsWith('/') ? 1 : 0, path.endsWith('/') ? -1 : undefined).split('/')
  if (segments.length > MAX_SEGMENTS) return err(`must be a path of at most ${MAX_SEGMENTS} segments`)
  for (const segment of segments) {
    if (segment === '' || segment === '.' || segment === '..')
      return err('must be a path without empty, "." or ".." segments')
    if (exceeds(segment, MAX_SEGMENT_BYTES))
      return err(`must be a path with segments of at most ${MAX_SEGMENT_BYTES} bytes`)
  }
  return ok(segments)
}
