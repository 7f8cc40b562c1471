import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { errorCode } from '../../lib/error-code.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import type { Kind } from '../rego/kinds.ts'
import { type RuleName, ruleTestText, ruleText } from './rule-texts.ts'

// longer names would make lines that lint refuses
const NAME = /^[a-z][a-z0-9_]{0,29}$/
// a package of such a name cannot be referred to as data.mcp.rules.<area>.<name>
const KEYWORDS = 'as default else every false if import in contains not null package some true with data input'.split(
  ' ',
)
/** What a new rule builds on. */
const NEEDS = ['mcp/main/main.rego', 'mcp/lib/result/result.rego', 'mcp/lib/fixtures/fixtures_test.rego']

/** The area and name that `<area>/<name>` says. */
export function readRuleName(text: string): Result<RuleName, string> {
  const [area = '', name = '', ...more] = text.split('/')
  const isWord = (word: string) => NAME.test(word) && !KEYWORDS.includes(word)
  if (more.length === 0 && isWord(area) && isWord(name) && !name.endsWith('_test')) return ok({ area, name })
  return err(
    'Write <area>/<name>, both of at most 30 small letters, digits and _, no word of Rego, not ending in _test',
  )
}

/** Writes a rule, its metadata and its test, all or nothing; gives the files it wrote, below the root of the tree. */
export async function createRule(
  policyDir: string,
  rule: RuleName,
  kind: Kind,
): Promise<Result<readonly string[], readonly PolicyFault[]>> {
  const missing = await absent(NEEDS.map((file) => join(policyDir, file)))
  if (missing.length > 0) {
    const remedy = 'Name the root of a policy tree by --policies; `portcullis init` writes one'
    return err(missing.map((file) => ({ file: relative(policyDir, file), message: 'is missing', remedy })))
  }
  const area = join(policyDir, 'mcp/rules', rule.area)
  const folder = join(area, rule.name)
  const exists = (await absent([folder])).length === 0
  const taken: readonly PolicyFault[] = [
    { file: relative(policyDir, folder), message: 'is there already', remedy: 'Choose another name' },
  ]
  if (exists) return err(taken)
  const temporary = await mkdtemp(join(policyDir, '.new-rule-'))
  // a temporary folder is closed to others; what is made in it is not
  const staged = join(temporary, rule.name)
  const texts = { [`${rule.name}.rego`]: ruleText(rule, kind), [`${rule.name}_test.rego`]: ruleTestText(rule, kind) }
  try {
    await mkdir(staged)
    for (const [file, text] of Object.entries(texts)) await writeFile(join(staged, file), text)
    await mkdir(area, { recursive: true })
    await rename(staged, folder)
    return ok(Object.keys(texts).map((file) => relative(policyDir, join(folder, file))))
  } catch (thrown) {
    if (['ENOTEMPTY', 'EEXIST'].includes(errorCode(thrown))) return err(taken)
    throw thrown
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function absent(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        () => true,
        () => false,
      ),
    ),
  )
  return paths.filter((_, index) => found[index] === false)
}
