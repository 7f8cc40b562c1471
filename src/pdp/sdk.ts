import { loadPolicy } from '@open-policy-agent/opa-wasm'
import { thrownText } from '../lib/thrown-text.ts'

/** A compiled module; opaque here. Node has WebAssembly, but its types come with those of browsers only. */
declare const compiled: unique symbol
export type CompiledModule = { readonly [compiled]: true }

declare const WebAssembly: { readonly compile: (wasm: Uint8Array) => Promise<CompiledModule> }

export const compile = (wasm: Uint8Array): Promise<CompiledModule> => WebAssembly.compile(wasm)

/** The parts of the SDK's `LoadedPolicy` that are used here. Its own types do not resolve from ESM. */
export type Instance = {
  /** `input` as serialised JSON; the answer is `[{ result }]`, or `[]` when the entrypoint is undefined. */
  readonly evaluate: (input: ArrayBuffer, entrypoint: number) => unknown
  readonly setData: (data: ArrayBuffer) => void
  readonly entrypoints: Readonly<Record<string, number>>
  readonly minorVersion: number
  readonly mem: { readonly buffer: ArrayBuffer }
  readonly wasmInstance: { readonly exports: unknown }
}

const PAGE = 65_536
/** A parsed document takes about twelve times the size of its JSON (measured); half as much again is slack. */
const HEAP_PER_BYTE = 18
/** Room for one input, one result and what rules build on the way. */
const BASE_PAGES = 128
/** 64 MB more than at the start, whatever an evaluation builds. */
const GROWTH_PAGES = 1_024
const MAX_PAGES = 32_768

/** Enough pages before the start: growing page by page while data loads is a hundred times slower (measured). */
export function memoryFor(dataBytes: number): { initial: number; maximum: number } {
  const initial = Math.min(MAX_PAGES, BASE_PAGES + Math.ceil((HEAP_PER_BYTE * dataBytes) / PAGE))
  return { initial, maximum: Math.min(MAX_PAGES, initial + GROWTH_PAGES) }
}

/** A new instance with its data. Rejects with whatever the SDK throws; `causeOf` puts that in words. */
export async function instantiate(module: CompiledModule, data: ArrayBuffer): Promise<Instance> {
  const instance: Instance = await loadPolicy(module, memoryFor(data.byteLength))
  instance.setData(data)
  return instance
}

const LONGEST_CAUSE = 300

/** What the SDK threw, which may quote the input: for records, never for callers. */
export const causeOf = (thrown: unknown): string => thrownText(thrown).slice(0, LONGEST_CAUSE)
