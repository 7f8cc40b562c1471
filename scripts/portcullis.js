#!/usr/bin/env node
import { prepare } from './setup.js'

try {
  await prepare()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exit(3)
}
await import('../dist/main.js')
