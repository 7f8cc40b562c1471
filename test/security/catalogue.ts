import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** An attack: what is sent, what must come of it, and where it is tried, or why that has to wait. */
export type CatalogueEntry = {
  readonly id: string
  readonly title: string
  readonly attack: string
  readonly expected: string
  readonly test?: string
  readonly later?: string
}

const FILE = fileURLToPath(new URL('./attacks.json', import.meta.url))

export const CATALOGUE: readonly CatalogueEntry[] = JSON.parse(readFileSync(FILE, 'utf8'))

export function catalogueEntry(id: string): CatalogueEntry {
  const entry = CATALOGUE.find((entry) => entry.id === id)
  if (entry === undefined) throw new Error(`${id} is not in attacks.json`)
  return entry
}
