import { readFileSync, writeFileSync } from 'node:fs'
import { Issuer } from '../dist/config/issuer.js'
import { CONFIG_KEYS } from '../dist/config/sources.js'
import { REFUSALS } from '../dist/model/refusal.js'

/**
 * Fills the generated tables of README.md from the code that they describe. `--check` changes nothing and
 * exits 1 when a table is stale.
 */
const README = new URL('../README.md', import.meta.url)

const row = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`
const code = (/** @type {unknown} */ value) => (value === undefined ? '' : `\`${JSON.stringify(value)}\``)
const cell = (/** @type {string} */ text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

function refusalTable() {
  const rows = Object.entries(REFUSALS).map(([name, refusal]) => {
    const { http, text, stage } = refusal
    const audited = 'audited' in refusal ? ` (${refusal.audited})` : ''
    const rpc = 'rpc' in refusal ? String(refusal.rpc) : ''
    const form = 'asToolResult' in refusal ? 'tool result' : ''
    return row([`\`${name}\``, stage, `${http}${audited}`, rpc, form, cell(text)])
  })
  return [row(['code', 'step', 'HTTP', 'JSON-RPC', '`tools/call`', 'text']), row(Array(6).fill('---')), ...rows].join(
    '\n',
  )
}

function configurationTable() {
  const keys = CONFIG_KEYS.filter(({ members }) => members[0] !== 'issuers')
  const rows = keys.map(({ members, env, schema }) =>
    row([`\`${members.join('.')}\``, `\`${env}\``, code(schema.default), cell(schema.description ?? '')]),
  )
  const issuer = Object.entries(Issuer.properties).flatMap(([name, schema]) => issuerRows(`issuers[].${name}`, schema))
  return [row(['key', 'environment', 'default', 'meaning']), row(Array(4).fill('---')), ...rows, ...issuer].join('\n')
}

/** @returns {string[]} */
function issuerRows(/** @type {string} */ path, /** @type {any} */ schema) {
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([name, inner]) => issuerRows(`${path}.${name}`, inner))
  }
  return [row([`\`${path}\``, '', code(schema.default), cell(schema.description ?? '')])]
}

function conformanceTable() {
  const results = JSON.parse(readFileSync(new URL('../test/conformance/mcp/results.json', import.meta.url), 'utf8'))
  const rows = results.map(
    (/** @type {{ revision: string, scenarios: number, passed: number, excluded: string[] }} */ one) =>
      row([
        one.revision,
        String(one.scenarios),
        String(one.passed),
        one.excluded.map((name) => `\`${name}\``).join(', '),
      ]),
  )
  return [
    row(['revision', 'scenarios required', 'passed', 'cannot pass without sessions']),
    row(Array(4).fill('---')),
    ...rows,
  ].join('\n')
}

const TABLES = { refusals: refusalTable, configuration: configurationTable, conformance: conformanceTable }

const before = readFileSync(README, 'utf8')
const after = Object.entries(TABLES).reduce((text, [name, table]) => {
  const begin = `<!-- generated: ${name} -->`
  const end = `<!-- end: ${name} -->`
  if (!text.includes(begin) || !text.includes(end)) throw new Error(`README.md lacks the markers of ${name}`)
  return text.slice(0, text.indexOf(begin) + begin.length) + `\n${table()}\n` + text.slice(text.indexOf(end))
}, before)

if (process.argv.includes('--check')) {
  if (after !== before) process.stderr.write('README.md has a stale table; run: npm run readme\n')
  process.exitCode = after === before ? 0 : 1
} else writeFileSync(README, after)
