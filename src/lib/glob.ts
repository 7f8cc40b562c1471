import { RE2JS } from 're2js'
import { err, ok, type Result } from './result.ts'

export const MAX_GLOB_LENGTH = 256
// A linear engine still pays pattern × text for each path; wildcards are what makes the pattern's states many.
const MAX_WILDCARDS = 16

const TOKEN = /\*\*\/|\/\*\*$|\*+|\?|[^*?/]+|\//gy

const translate = (token: string): string => {
  if (token === '**/') return '(?:[^/]+/)*'
  if (token === '/**') return '/.+'
  if (token === '**') return '.*'
  if (token.startsWith('*')) return '[^/]*'
  if (token === '?') return '[^/]'
  return RE2JS.quote(token)
}

/**
 * A test for relative paths: `*` and `?` stay within a segment, `**` crosses segments, everything else is
 * literal. Compiled to a linear engine.
 */
export const compileGlob = (glob: string): Result<(path: string) => boolean, string> => {
  if (glob.length === 0 || glob.length > MAX_GLOB_LENGTH) return err(`a glob of 1 to ${MAX_GLOB_LENGTH} characters`)
  const tokens = glob.match(TOKEN) ?? []
  if (tokens.filter((token) => /[*?]/.test(token)).length > MAX_WILDCARDS) {
    return err(`a glob with at most ${MAX_WILDCARDS} wildcards`)
  }
  const pattern = RE2JS.compile(`^${tokens.map(translate).join('')}$`, RE2JS.DOTALL)
  return ok((path) => pattern.test(path))
}
