import { closest } from '../../lib/closest.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { FixtureFile } from './case-format.ts'
import type { Checked } from './sheet.ts'

type Document = Readonly<Record<string, unknown>>
type Find = (name: string) => Result<Document, string>

/** The subjects and resources that the cases of a file may call by name. */
export type Names = { readonly subject: Find; readonly resource: Find }

/** A name has one meaning: what one file defines, another must not define again. */
export function createNames(
  sheets: readonly Checked<Pick<FixtureFile, 'subjects' | 'resources'>>[],
): Result<Names, readonly PolicyFault[]> {
  const subjects = collect(sheets, 'subjects')
  const resources = collect(sheets, 'resources')
  const faults = [...subjects.faults, ...resources.faults]
  if (faults.length > 0) return err(faults)
  return ok({ subject: finder('subject', subjects.found), resource: finder('resource', resources.found) })
}

function collect(
  sheets: readonly Checked<Pick<FixtureFile, 'subjects' | 'resources'>>[],
  what: 'subjects' | 'resources',
) {
  const found = new Map<string, { file: string; document: Document }>()
  const faults: PolicyFault[] = []
  for (const { file, content, lineOf } of sheets) {
    for (const [name, document] of Object.entries(content[what] ?? {})) {
      const before = found.get(name)
      if (before === undefined) found.set(name, { file, document })
      else {
        faults.push({
          file,
          line: lineOf([what, name]),
          message: `"${name}" stands among the ${what} of ${before.file} already`,
          remedy: 'Give it another name, or use the one that is there',
        })
      }
    }
  }
  return { found, faults }
}

const finder =
  (what: string, found: ReadonlyMap<string, { readonly document: Document }>): Find =>
  (name) => {
    const entry = found.get(name)
    if (entry !== undefined) return ok(entry.document)
    const meant = closest(name, [...found.keys()])
    return err(`names the unknown ${what} ${name}${meant === undefined ? '' : `; ${meant} is known`}`)
  }
