import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { err, ok, type Result } from '../lib/result.ts'
import type { Offer } from '../model/offer.ts'
import { BUILTIN_TOOLS } from './builtin.ts'
import { isTool } from './define.ts'
import { isPrompt } from './define-prompt.ts'
import { isResource, isResourceTemplate } from './define-resource.ts'

type Loaded = { readonly file: string; readonly offer: Offer; readonly fault?: string }

const offerOf = (exported: readonly unknown[]): Offer => ({
  tools: exported.filter(isTool),
  prompts: exported.filter(isPrompt),
  resources: exported.filter(isResource),
  resourceTemplates: exported.filter(isResourceTemplate),
})

async function load(modulePath: string, fromDir: string): Promise<Loaded> {
  const file = resolve(fromDir, modulePath)
  try {
    const exported: object = await import(pathToFileURL(file).href)
    const offer = offerOf([...new Set(Object.values(exported))])
    const fault = `${file}: exports no tool, prompt or resource; export what defineTool and its like return`
    return Object.values(offer).some(({ length }) => length > 0) ? { file, offer } : { file, offer, fault }
  } catch (error) {
    return { file, offer: offerOf([]), fault: `${file}: cannot be imported: ${error}` }
  }
}

type Named = { readonly noun: string; readonly id: string }

const namesIn = ({ tools, prompts, resources, resourceTemplates }: Offer): readonly Named[] => [
  ...tools.map(({ name }) => ({ noun: 'a tool named', id: name })),
  ...prompts.map(({ name }) => ({ noun: 'a prompt named', id: name })),
  ...resources.map(({ uri }) => ({ noun: 'a resource at', id: uri })),
  ...resourceTemplates.map(({ uriTemplate }) => ({ noun: 'a resource template', id: uriTemplate })),
]

function duplicates(loaded: readonly Loaded[]): readonly string[] {
  const owners = new Map(BUILTIN_TOOLS.map(({ name }) => [`a tool named ${name}`, 'the built-in tools']))
  return loaded.flatMap(({ file, offer }) =>
    namesIn(offer).flatMap(({ noun, id }) => {
      const name = `${noun} ${id}`
      const owner = owners.get(name)
      owners.set(name, owner ?? file)
      return owner === undefined ? [] : [`${file}: ${name} comes from ${owner} already; rename one`]
    }),
  )
}

/** Everything that the modules export for others, or everything that is wrong with them. */
export async function loadModules(
  modulePaths: readonly string[],
  fromDir: string,
): Promise<Result<Offer, readonly string[]>> {
  const loaded = await Promise.all(modulePaths.map((modulePath) => load(modulePath, fromDir)))
  const faults = [...loaded.flatMap(({ fault }) => fault ?? []), ...duplicates(loaded)]
  if (faults.length > 0) return err(faults)
  const offers = loaded.map(({ offer }) => offer)
  return ok({
    tools: offers.flatMap(({ tools }) => tools),
    prompts: offers.flatMap(({ prompts }) => prompts),
    resources: offers.flatMap(({ resources }) => resources),
    resourceTemplates: offers.flatMap(({ resourceTemplates }) => resourceTemplates),
  })
}
