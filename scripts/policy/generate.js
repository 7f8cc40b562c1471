// Writes the generated files of this folder; with --check only says whether they are up to date.
//
//   node scripts/policy/generate.js [--check]
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findTool } from '../toolchain.js'
import { generateCapabilities } from './capabilities.js'
import { generateSchemas } from './schemas.js'

const HERE = fileURLToPath(new URL('./', import.meta.url))
const check = process.argv.includes('--check')

const { build, test } = await generateCapabilities(await findTool('opa'))
const contents = {
  'capabilities.build.json': build,
  'capabilities.test.json': test,
  ...(await generateSchemas()),
}
const files = Object.entries(contents).map(([name, content]) => ({ file: `${HERE}${name}`, text: formatted(content) }))
const stale = files.filter(({ file, text }) => text !== current(file))

for (const { file, text } of stale) {
  if (!check) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  process.stdout.write(check ? `${file} is stale: run node scripts/policy/generate.js\n` : `${file}\n`)
}
process.exitCode = check && stale.length > 0 ? 1 : 0

/** As the formatter would leave it, so that neither undoes the other. */
function formatted(/** @type {object} */ content) {
  const biome = fileURLToPath(import.meta.resolve('@biomejs/biome/bin/biome'))
  return execFileSync(process.execPath, [biome, 'format', '--stdin-file-path=generated.json'], {
    cwd: fileURLToPath(new URL('../', import.meta.url)),
    input: JSON.stringify(content, null, 2),
    encoding: 'utf8',
  })
}

function current(/** @type {string} */ file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
