// Module hooks that let a script import TypeScript of ours before anything is built.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { transform } from '@swc/core'

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context)
  const text = await readFile(fileURLToPath(url), 'utf8')
  const { code } = await transform(text, { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' } })
  return { format: 'module', source: code, shortCircuit: true }
}
