import { appendFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { type DiffReport, diffPolicies } from '../../../../src/app/evaluation/diff.ts'
import { openVersion, type PolicyVersion } from '../../../../src/app/evaluation/policy-version.ts'
import { DEFAULT_POLICIES } from '../../../../src/cli/package.ts'
import type { ChangeKind } from '../../../../src/pap/diff/change.ts'
import { capabilities, findOpa } from '../../../policy/tools.ts'

// Tens of thousands of questions on one thread.
jest.setTimeout(120_000)

let folder: string
let base: PolicyVersion
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-diff-'))
  base = await open(DEFAULT_POLICIES)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function open(dir: string): Promise<PolicyVersion> {
  const version = await openVersion(dir, undefined, { opa: findOpa, capabilities })
  if (!version.ok) throw new Error(JSON.stringify(version.error))
  return version.value
}

type Mistake = { readonly file: string; readonly from: string | RegExp; readonly to: string }

/** The default policy with mistakes in it, each of which changes something. */
async function withMistakes(name: string, mistakes: readonly Mistake[]): Promise<PolicyVersion> {
  const dir = join(folder, name)
  await cp(DEFAULT_POLICIES, dir, { recursive: true })
  for (const { file, from, to } of mistakes) {
    const path = join(dir, 'mcp', file)
    await mkdir(dirname(path), { recursive: true })
    await appendFile(path, '')
    const text = await readFile(path, 'utf8')
    const changed = text.replace(from, to)
    if (changed === text) throw new Error(`${file} has no ${from}`)
    await writeFile(path, changed)
  }
  return open(dir)
}

async function reportOf(head: PolicyVersion): Promise<DiffReport> {
  const report = await diffPolicies(base, head, { log: [], threads: 1 })
  if (!report.ok) throw new Error(JSON.stringify(report.error))
  return report.value
}

type Found = {
  readonly kind: ChangeKind
  readonly roles: readonly string[]
  readonly target: string
  readonly detail: string
}
const has = ({ groups }: DiffReport, { kind, roles, target, detail }: Found): boolean =>
  groups.some(
    (group) =>
      group.kind === kind &&
      group.roles.join() === roles.join() &&
      group.targets.includes(target) &&
      group.detail === detail,
  )

const rule = (name: string, body: string) => `# METADATA
# title: A rule
# custom:
#   code: tools.${name}
package mcp.rules.tools.${name}

import data.mcp.lib.result

${body}

_reason := result.reason(rego.metadata.chain())
`

describe('mistakes in data', () => {
  let report: DiffReport
  beforeAll(async () => {
    const head = await withMistakes('data', [
      { file: 'roles/data.yaml', from: '[[public], [docs]]', to: '[[public], []]' },
      { file: 'roles/data.yaml', from: /^user:$/m, to: 'member:' },
      { file: 'inherits/data.yaml', from: /^user:/m, to: 'member:' },
      { file: 'plans/data.yaml', from: 'limit: 300,', to: 'limit: 3000,' },
      {
        file: 'rules/tools/contractor/contractor.rego',
        from: '',
        to: rule(
          'contractor',
          'permit contains _reason if {\n\t"contractor" in input.subject.properties.roles\n\tinput.resource.id == "searchFiles"\n}',
        ),
      },
    ])
    report = await reportOf(head)
  })

  test.each<{ what: string; found: Found }>([
    {
      what: 'a widened prefix',
      found: {
        kind: 'newly-allowed',
        roles: ['readonly'],
        target: 'readFile',
        detail: 'paths.outside → tools.role_granted',
      },
    },
    {
      what: 'a widened prefix in the workspace',
      found: { kind: 'obligations-widened', roles: ['readonly'], target: 'readFile', detail: 'opens / to read' },
    },
    {
      what: 'a renamed role, by its new name',
      found: {
        kind: 'newly-allowed',
        roles: ['member'],
        target: 'readFile',
        detail: 'main.no_permit, paths.unreachable → tools.role_granted',
      },
    },
    {
      what: 'a renamed role, by its old name',
      found: {
        kind: 'newly-hidden',
        roles: ['user'],
        target: 'writeFile',
        detail: 'main.no_permit, paths.unreachable, tools.writer_role',
      },
    },
    {
      what: 'a role that only a rule knows',
      found: {
        kind: 'newly-allowed',
        roles: ['contractor', 'readonly'],
        target: 'searchFiles',
        detail: 'main.no_permit → tools.contractor',
      },
    },
    {
      what: 'a loosened limit',
      found: {
        kind: 'limits-loosened',
        roles: ['admin'],
        target: 'readFile',
        detail: 'readFile per minute: 300 per 60 s, burst 60 → 3000 per 60 s, burst 60',
      },
    },
  ])('$what is found', ({ found }) => {
    expect(has(report, found)).toBe(true)
  })
})

describe('mistakes in rules', () => {
  let report: DiffReport
  beforeAll(async () => {
    const head = await withMistakes('rules', [
      { file: 'rules/requests/size/size.rego', from: 'not _fits', to: '_fits' },
      { file: 'inherits/data.yaml', from: 'readonly: []', to: 'readonly: [admin]' },
      { file: 'paths/data.yaml', from: '  - .netrc\n', to: '' },
      {
        file: 'rules/tools/night/night.rego',
        from: '',
        to: rule(
          'night',
          'deny_call contains _reason if {\n\tinput.resource.id == "writeFile"\n\tinput.context.hour >= 22\n}',
        ),
      },
    ])
    report = await reportOf(head)
  })

  test.each<{ what: string; found: Found }>([
    {
      what: 'a dropped `not`',
      found: {
        kind: 'newly-allowed',
        roles: ['user'],
        target: 'readFile',
        detail: 'requests.size → tools.role_granted',
      },
    },
    {
      what: 'an inherited *',
      found: { kind: 'newly-visible', roles: ['readonly'], target: 'searchFiles', detail: 'no longer main.no_permit' },
    },
    {
      what: 'an hour that a rule names',
      found: {
        kind: 'newly-denied',
        roles: ['user'],
        target: 'writeFile',
        detail: 'tools.role_granted → requests.size, tools.night',
      },
    },
    {
      what: 'a name that is no longer closed',
      found: {
        kind: 'obligations-widened',
        roles: ['admin'],
        target: 'writeFile',
        detail: 'opens /.netrc to read, /.netrc to write',
      },
    },
  ])('$what is found', ({ found }) => {
    expect(has(report, found)).toBe(true)
  })
})
