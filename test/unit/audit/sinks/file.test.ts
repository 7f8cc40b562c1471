import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createFileSink, logFiles } from '../../../../src/audit/sinks/file.ts'

let folder = ''
let path = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-sink-'))
  path = join(folder, 'decisions.ndjson')
})
afterEach(() => rm(folder, { recursive: true }))

const open = (change: { path?: string; maxBytes?: number; keep?: number } = {}) =>
  createFileSink({ path, maxBytes: 1_000_000, keep: 3, ...change })
const contents = async () => {
  const names = (await readdir(folder)).sort()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  )
}
const permissions = async (name: string) => (await stat(name)).mode & 0o777

describe('createFileSink', () => {
  test('the file and the folders on the way are for the owner alone', async () => {
    const deep = join(folder, 'state', 'portcullis', 'log')
    const sink = await open({ path: deep })
    await sink.close()
    expect(
      await Promise.all([deep, join(folder, 'state', 'portcullis'), join(folder, 'state')].map(permissions)),
    ).toEqual([0o600, 0o700, 0o700])
  })

  test('appends to what is there, on a new line when the last one was cut short', async () => {
    await writeFile(path, '{"a":1}\n{"torn')
    const sink = await open()
    await sink.write('{"b":2}\n')
    await sink.write('{"c":3}\n')
    await sink.close()
    const again = await open()
    await again.write('{"d":4}\n')
    await again.close()
    expect(await contents()).toEqual({ 'decisions.ndjson': '{"a":1}\n{"torn\n{"b":2}\n{"c":3}\n{"d":4}\n' })
  })

  test('rotates by size, keeps the number asked for, and splits no write', async () => {
    const sink = await open({ maxBytes: 16, keep: 2 })
    for (const n of [1, 2, 3, 4, 5, 6, 7]) await sink.write(`{"n":${n}}\n`)
    await sink.write(`{"long":"${'x'.repeat(30)}"}\n`)
    await sink.write('{"n":8}\n')
    await sink.close()
    expect(await contents()).toEqual({
      'decisions.ndjson': '{"n":8}\n',
      'decisions.ndjson.1': `{"long":"${'x'.repeat(30)}"}\n`,
      'decisions.ndjson.2': '{"n":7}\n',
    })
    expect(await permissions(path)).toBe(0o600)
  })

  test('counts what an earlier process wrote', async () => {
    await writeFile(path, `${'x'.repeat(20)}\n`)
    const sink = await open({ maxBytes: 24 })
    await sink.write('{"n":1}\n')
    await sink.close()
    expect(await contents()).toEqual({ 'decisions.ndjson': '{"n":1}\n', 'decisions.ndjson.1': `${'x'.repeat(20)}\n` })
  })

  test('a rotation that fails loses nothing, and is done once when it can be', async () => {
    const oldest = join(folder, 'decisions.ndjson.2')
    const sink = await open({ maxBytes: 10, keep: 2 })
    await sink.write('{"n":1}\n')
    await sink.write('{"n":2}\n')
    await mkdir(oldest)
    await expect(sink.write('{"n":3}\n')).rejects.toMatchObject({ code: 'EISDIR' })
    await expect(sink.write('{"n":3}\n')).rejects.toMatchObject({ code: 'EISDIR' })
    await rm(oldest, { recursive: true })
    await sink.write('{"n":3}\n')
    await sink.close()
    expect(await contents()).toEqual({
      'decisions.ndjson': '{"n":3}\n',
      'decisions.ndjson.1': '{"n":2}\n',
      'decisions.ndjson.2': '{"n":1}\n',
    })
  })

  test('files that a rotation cut short has moved already are not moved again', async () => {
    await writeFile(path, '{"n":3}\n')
    await writeFile(`${path}.2`, '{"n":2}\n')
    await writeFile(`${path}.3`, '{"n":1}\n')
    const sink = await open({ maxBytes: 10, keep: 3 })
    await sink.write('{"n":4}\n')
    await sink.close()
    expect(await contents()).toEqual({
      'decisions.ndjson': '{"n":4}\n',
      'decisions.ndjson.1': '{"n":3}\n',
      'decisions.ndjson.2': '{"n":2}\n',
      'decisions.ndjson.3': '{"n":1}\n',
    })
  })

  test('reopen follows a file that was moved away, also in the middle of writes', async () => {
    const sink = await open()
    await sink.write('{"n":1}\n')
    await rename(path, `${path}.moved`)
    const before = sink.write('{"n":2}\n')
    const reopened = sink.reopen?.()
    const after = sink.write('{"n":3}\n')
    await Promise.all([before, reopened, after])
    await sink.close()
    expect(await contents()).toEqual({
      'decisions.ndjson': '{"n":3}\n',
      'decisions.ndjson.moved': '{"n":1}\n{"n":2}\n',
    })
  })

  test('after close it writes nowhere, and opens nothing', async () => {
    const sink = await open()
    await sink.close()
    await sink.close()
    await sink.reopen?.()
    await expect(sink.write('{"n":1}\n')).rejects.toThrow(`the decision log ${path} is closed`)
    expect(await contents()).toEqual({ 'decisions.ndjson': '' })
  })

  test.each<{ what: string; prepare: () => Promise<unknown> | unknown; message: string }>([
    {
      what: 'a symbolic link',
      prepare: () => symlink(join(folder, 'elsewhere'), path),
      message: 'it is a symbolic link; name the file it points to',
    },
    { what: 'a directory', prepare: () => mkdir(path), message: 'it is a directory; name a file in it' },
  ])('refuses $what, and says what to do', async ({ prepare, message }) => {
    await prepare()
    await expect(open()).rejects.toThrow(`cannot open the decision log ${path}: ${message}`)
  })

  test('refuses a pipe without waiting for its reader', async () => {
    execFileSync('mkfifo', [path])
    await chmod(path, 0o600)
    await expect(open()).rejects.toThrow(`the decision log ${path} is not a regular file; name another path`)
  })

  test('a link put in its place does not lead the log elsewhere', async () => {
    const sink = await open()
    await rm(path)
    await symlink(join(folder, 'elsewhere'), path)
    await expect(sink.reopen?.()).rejects.toThrow('it is a symbolic link')
    await sink.close()
    expect(await readdir(folder)).toEqual(['decisions.ndjson'])
  })
})

test('logFiles names the files of a rotated log, oldest first', () => {
  const files = logFiles('/log')
  expect(files[0]).toBe('/log.1000')
  expect(files.slice(-3)).toEqual(['/log.2', '/log.1', '/log'])
})
