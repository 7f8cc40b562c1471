import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './portcullis.ts'

/** Makes a project of somebody else, with this package and TypeBox installed. */
export async function linkPackages(project: string): Promise<void> {
  await mkdir(join(project, 'node_modules'), { recursive: true })
  await writeFile(join(project, 'package.json'), '{ "type": "module" }')
  await symlink(ROOT, join(project, 'node_modules/portcullis'))
  await symlink(join(ROOT, 'node_modules/typebox'), join(project, 'node_modules/typebox'))
}
