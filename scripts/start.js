import { prepare, root } from './setup.js'

try {
  const { opa } = await prepare({ opa: true })
  if (opa !== undefined) process.env['PORTCULLIS_OPA'] = opa
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exit(3)
}
// In this process, so that signals reach the server and not a parent of it.
process.argv.splice(1, 1, `${root}dist/main.js`, 'serve', '--demo')
await import('../dist/main.js')
