// Runs the official MCP conformance suite through Portcullis: npm run test:conformance
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { prepare, root } from './setup.js'

const compiled = join(root, 'node_modules/.cache/portcullis', `conformance-${process.pid}`)
process.once('exit', () => rmSync(compiled, { recursive: true, force: true }))

await prepare({ opa: true })
process.chdir(root)
mkdirSync(compiled, { recursive: true })
writeFileSync(join(compiled, 'package.json'), '{"type":"module"}')
const compile = ['node_modules/typescript/bin/tsc', '-p', 'test/conformance/mcp/tsconfig.json', '--outDir', compiled]
const { status } = spawnSync(process.execPath, compile, { stdio: ['ignore', 2, 2] })
if (status !== 0) process.exit(1)
await import(join(compiled, 'test/conformance/mcp/main.js'))
