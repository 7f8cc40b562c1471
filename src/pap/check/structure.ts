import type { PolicyFault } from '../../model/policy-fault.ts'
import { KINDS, STATEMENTS } from '../rego/kinds.ts'
import { type Module, pathOf, type Rule } from '../rego/module.ts'
import type { PolicyTree } from '../rego/tree.ts'
import { callAttributeFaults } from './call-attributes.ts'
import { saidFault } from './said.ts'

export const DATA_FOLDERS = ['roles', 'inherits', 'plans', 'scopes', 'paths', 'catalogue'] as const

/**
 * Rules are found by where they stand, so what stands elsewhere would be ignored without a word, and data
 * where rules stand would decide. All of that is refused.
 */
export function structureFaults(
  tree: PolicyTree,
  modules: readonly Module[],
  toolNames: ReadonlySet<string>,
): readonly PolicyFault[] {
  return [
    ...tree.strange.map(linkFault),
    ...tree.documents.flatMap(documentFaults),
    ...modules.flatMap((module) => moduleFaults(module, toolNames)),
    ...callAttributeFaults(modules),
  ]
}

const linkFault = (file: string): PolicyFault => ({
  file,
  message: 'is a link or no regular file',
  remedy: 'Put the file itself there',
})

function documentFaults(file: string): readonly PolicyFault[] {
  const [, folder = ''] = /^mcp\/([^/]+)\/data\.(?:yaml|json)$/.exec(file) ?? []
  if (DATA_FOLDERS.some((name) => name === folder)) return []
  return [
    {
      file,
      message: 'data stands outside the data folders, where it would be ignored or taken for rules',
      remedy: `Move it to data.yaml in one of ${DATA_FOLDERS.map((name) => `mcp/${name}/`).join(', ')}`,
    },
  ]
}

function moduleFaults(module: Module, toolNames: ReadonlySet<string>): readonly PolicyFault[] {
  const [root, area, name] = module.package
  if (root === 'mcp' && area === 'rules') {
    return module.package.length === 4
      ? module.rules.flatMap((rule) => ruleFaults(module, rule))
      : [packageFault(module, 'is not package mcp.rules.<area>.<rule>', 'Give it exactly these two levels')]
  }
  if (root === 'mcp' && area === 'tools') {
    if (module.package.length !== 3) {
      return [packageFault(module, 'is not package mcp.tools.<tool>', 'Give it exactly this one level')]
    }
    const known = toolNames.has(name ?? '')
    return [
      ...(known ? [] : [unknownTool(module, name ?? '', toolNames)]),
      ...module.rules.flatMap((rule) => ruleFaults(module, rule)),
    ]
  }
  return module.rules.flatMap((rule) => intrusionFaults(module, rule))
}

function packageFault(module: Module, what: string, remedy: string): PolicyFault {
  const name = module.package.join('.')
  return { file: module.file, line: module.packageLine, message: `package ${name} ${what}: nothing reads it`, remedy }
}

function unknownTool(module: Module, name: string, toolNames: ReadonlySet<string>): PolicyFault {
  return packageFault(
    module,
    `names no tool of the catalogue (${[...toolNames].toSorted().join(', ')})`,
    `Correct the name "${name}", or describe the tool in mcp/catalogue/data.yaml`,
  )
}

function ruleFaults(module: Module, rule: Rule): readonly PolicyFault[] {
  const { ref, key, args } = rule.head
  const name = String(ref[0]?.value)
  if (name.startsWith('_')) return []
  const place = { file: module.file, line: lineOf(rule) }
  const kind = KINDS.find((known) => known === name)
  if (kind === undefined) {
    return [
      {
        ...place,
        message: `rule "${name}" is no kind of rule: nothing reads it`,
        remedy: `Name it one of ${KINDS.join(', ')}, or begin its name with _ if it is a helper`,
      },
    ]
  }
  if (ref.length !== 1 || key === undefined || args !== undefined) {
    return [{ ...place, message: `rule "${name}" is not a set`, remedy: `Write \`${name} contains … if { … }\`` }]
  }
  const fault = saidFault(rule, STATEMENTS[kind])
  return fault === undefined ? [] : [{ ...place, message: `rule "${name}" ${fault}`, remedy: STATEMENTS[kind].remedy }]
}

/** A rule head such as `rules.a.b.permit` in package mcp reaches into the places above from outside. */
function intrusionFaults(module: Module, rule: Rule): readonly PolicyFault[] {
  const [root, area] = pathOf(module, rule)
  if (root !== 'mcp' || !(area === 'rules' || area === 'tools')) return []
  return [
    {
      file: module.file,
      line: lineOf(rule),
      message: `a rule in package ${module.package.join('.')} defines part of mcp.${area}`,
      remedy: `Give it a package of its own below mcp.${area}`,
    },
  ]
}

const lineOf = (rule: Rule): number => rule.head.location?.row ?? 1
