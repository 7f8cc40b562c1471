import { Command } from 'commander'
import { createRepository } from '../pap/scaffold/repository.ts'
import { CASE_SCHEMA, DEFAULT_POLICIES, VERSION } from './package.ts'
import { failWithFaults } from './report.ts'

export const initCommand = (): Command =>
  new Command('init')
    .description('Begin a policy repository: the default policy to edit, cases, and pipelines for GitHub and GitLab')
    .argument('<folder>', 'a folder that is empty or not there')
    .addHelpText('after', '\nExamples:\n  portcullis init my-policy\n  portcullis init ./policy-repository')
    .action(init)

async function init(folder: string): Promise<void> {
  const options = { dir: folder, policies: DEFAULT_POLICIES, caseSchema: CASE_SCHEMA, version: VERSION }
  const created = await createRepository(options)
  if (!created.ok) return failWithFaults(`${folder} cannot be begun in:`, created.error)
  process.stdout.write(`${created.value}\nGo on with:
  cd ${folder}
  portcullis check policies
  portcullis test policies --cases cases
  portcullis serve --demo --policies policies
`)
}
