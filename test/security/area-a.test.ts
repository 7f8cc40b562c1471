import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, readlinkSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from '@jest/globals'
import { workspaceFault } from '../../src/app/inquiry/question.ts'
import { attacksOn } from './attack.ts'
import {
  completed,
  contentOf,
  denied,
  expectAnswer,
  fileNotFound,
  invalidArguments,
  NO_DOTS,
  PARSE_ERROR,
  type Readable,
  readable,
  tooLarge,
  UNPRINTABLE,
} from './expected.ts'
import type { Scene } from './scene.ts'
import { CANARY, CONTENT, type LogLine } from './server.ts'

const OUTSIDE = denied(['paths.outside'])

async function reads(
  scene: Scene,
  cases: readonly (readonly [path: unknown, expected: Readable])[],
  as = scene.attacker,
) {
  for (const [path, expected] of cases) expectAnswer(await scene.call('readFile', { path }, { as }), expected)
}

const outcomes = (lines: readonly LogLine[]) =>
  lines.filter(({ kind }) => kind === 'outcome').map(({ status, charged }) => ({ status, charged }))

describe('paths', () => {
  const attack = attacksOn()

  attack('A-003', async (scene) => {
    await reads(scene, [['/etc/passwd', OUTSIDE]])
    await reads(scene, [['/etc/passwd', fileNotFound()]], await scene.caller({ sub: 'admin', roles: ['admin'] }))
  })

  attack(
    'A-004',
    async (scene) => {
      const sibling = join(scene.server.workspace, '../a-evil/x.txt')
      await reads(scene, [
        [sibling, fileNotFound()],
        ['../a-evil/x.txt', invalidArguments([NO_DOTS])],
        ['-evil/x.txt', fileNotFound()],
      ])
    },
    { roles: ['admin'] },
  )

  attack('A-009', async (scene) => {
    await reads(scene, [
      ['//etc/passwd', invalidArguments([NO_DOTS])],
      ['public//ok.txt', invalidArguments([NO_DOTS])],
      ['///public/ok.txt', invalidArguments([NO_DOTS])],
      ['public/./ok.txt', invalidArguments([NO_DOTS])],
      ['public/../docs/ok.txt', invalidArguments([NO_DOTS])],
      ['/public/ok.txt', contentOf(CONTENT)],
      ['public/ok.txt', contentOf(CONTENT)],
    ])
  })

  attack('A-011', async (scene) => {
    writeFileSync(join(scene.server.workspace, 'public/%2e%2e%2fx'), 'literal')
    await reads(scene, [
      ['%2e%2e%2fout%2fsecret.txt', OUTSIDE],
      ['public/%2e%2e%2fprivate%2fk', fileNotFound()],
      ['public/..%2fk', fileNotFound()],
      ['public/%252e%252e', fileNotFound()],
      ['public/%2e%2e%2fx', contentOf('literal')],
    ])
  })

  attack('A-013', async (scene) => {
    await reads(scene, [
      ['public/ok.txt\u0000.png', invalidArguments([UNPRINTABLE])],
      ['public/ok.txt\u0000', invalidArguments([UNPRINTABLE])],
    ])
  })

  attack(
    'A-014',
    async (scene) => {
      const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301']
      for (const name of [composed, decomposed]) {
        mkdirSync(join(scene.server.workspace, 'users', name), { recursive: true })
        writeFileSync(join(scene.server.workspace, 'users', name, 'f'), JSON.stringify(name))
      }
      const caller = await scene.caller({ sub: composed })
      await reads(
        scene,
        [
          [`users/${composed}/f`, contentOf(JSON.stringify(composed))],
          [`users/${decomposed}/f`, OUTSIDE],
        ],
        caller,
      )
    },
    { roles: ['user'] },
  )

  attack('A-017', async (scene) => {
    for (const path of ['public/s\\ud800x', 'public/\\udc00', '\\ud83d']) {
      const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"readFile","arguments":{"path":"${path}"}}}`
      expectAnswer(await scene.post(body), PARSE_ERROR)
    }
  })

  attack('A-025', async (scene) => {
    const notString = invalidArguments([['/path', 'must be string']])
    await reads(scene, [
      [['public/ok.txt'], notString],
      [{ toString: 'public/ok.txt' }, notString],
      [{ type: 'Buffer', data: [47, 101, 116, 99] }, notString],
      [{ href: 'file:///etc/passwd', protocol: 'file:' }, notString],
      [7, notString],
      [null, notString],
      [true, notString],
    ])
  })

  attack(
    'A-026',
    async (scene) => {
      symlinkSync(join(scene.server.outside, 'secret.txt'), join(scene.server.workspace, 'public/l'))
      await reads(scene, [
        ['public/l', fileNotFound()],
        ['public/l/', fileNotFound()],
      ])
    },
    { logged: (lines) => expect(outcomes(lines)).toEqual(new Array(2).fill({ status: 'confined', charged: false })) },
  )

  attack(
    'A-027',
    async (scene) => {
      symlinkSync(scene.server.outside, join(scene.server.workspace, 'public/d'))
      await reads(scene, [['public/d/secret.txt', fileNotFound()]])
      expectAnswer(await scene.call('listFiles', { path: 'public/d' }), fileNotFound())
      expectAnswer(await scene.call('searchFiles', { path: 'public/d', text: CANARY }), fileNotFound())
      const nothing = completed({ matches: [], truncated: false })
      expectAnswer(await scene.call('searchFiles', { path: 'public', text: CANARY }), nothing)
      expectAnswer(await scene.call('searchFiles', { path: 'public', glob: 'secret.txt' }), nothing)
      const { body } = await scene.call('listFiles', { path: 'public', depth: 8 })
      expect([body.includes('public/ok.txt'), body.includes('public/d"'), body.includes('secret')]).toEqual([
        true,
        false,
        false,
      ])
    },
    { roles: ['user'] },
  )

  attack(
    'A-030',
    async (scene) => {
      const { workspace, outside } = scene.server
      const target = join(outside, 'secret.txt')
      symlinkSync(target, join(workspace, 'public/t'))
      for (const overwrite of [false, true]) {
        const answer = await scene.call('writeFile', { path: 'public/t', content: 'x', overwrite })
        expectAnswer(answer, fileNotFound())
      }
      expect(readFileSync(target, 'utf8')).toBe(CANARY)
      expect(readlinkSync(join(workspace, 'public/t'))).toBe(target)
    },
    {
      roles: ['user'],
      logged: (lines) => expect(outcomes(lines)).toEqual(new Array(2).fill({ status: 'confined', charged: false })),
    },
  )

  attack('A-038', async (scene) => {
    const { workspace } = scene.server
    symlinkSync('/proc/self', join(workspace, 'public/ps'))
    await reads(scene, [
      ['public/ps/environ', fileNotFound()],
      ['public/ps/root/etc/passwd', fileNotFound()],
      ['/proc/self/fd/3', OUTSIDE],
      ['/dev/stdin', OUTSIDE],
    ])
    const admin = await scene.caller({ sub: 'admin-38', roles: ['admin'] })
    await reads(
      scene,
      [
        ['/proc/self/fd/3', fileNotFound()],
        ['/dev/fd/0', fileNotFound()],
      ],
      admin,
    )

    const kernel = 'this is a file system of the kernel or of devices; name a directory with plain files'
    for (const directory of ['/proc', '/sys', '/dev']) {
      expect(workspaceFault(directory)).toBe(`workspace ${directory}: ${kernel}`)
    }
  })

  attack('A-039', async (scene) => {
    execFileSync('mkfifo', [join(scene.server.workspace, 'public/fifo')])
    const answers = await Promise.all(
      Array.from({ length: 8 }, async (_, n) => {
        const as = await scene.caller({ sub: `fifo-${n}` })
        return scene.call('readFile', { path: 'public/fifo' }, { as })
      }),
    )
    expect(answers.map(readable)).toEqual(new Array(8).fill(fileNotFound()))
  })

  attack(
    'A-041',
    async (scene) => {
      const path = join(scene.server.workspace, 'public/big')
      writeFileSync(path, '')
      truncateSync(path, 10 * 2 ** 30)
      expectAnswer(await scene.call('readFile', { path: 'public/big' }), tooLarge())
      expectAnswer(await scene.call('readFile', { path: 'public/big', offset: 67_108_864, length: 1 }), tooLarge())
      const truncated = completed({ matches: [], truncated: true })
      expectAnswer(await scene.call('searchFiles', { path: 'public', glob: 'big', text: 'x' }), truncated)
      truncateSync(path, 0)
    },
    { roles: ['user'] },
  )

  attack(
    'A-045',
    async (scene) => {
      mkdirSync(join(scene.server.workspace, 'public/redos'))
      writeFileSync(join(scene.server.workspace, 'public/redos', 'a'.repeat(200)), `${'a'.repeat(100_000)}!`)
      const search = (args: object) => scene.call('searchFiles', { path: 'public/redos', ...args })
      const nothing = completed({ matches: [], truncated: false })
      expectAnswer(await search({ text: '^(a+)+$' }), nothing)
      expectAnswer(await search({ glob: '*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b' }), nothing)
      expectAnswer(await search({ glob: '**/**/**/**/**/**/**/b' }), nothing)
      const tooMany = invalidArguments([['', 'must have a glob with at most 16 wildcards']])
      expectAnswer(await search({ glob: '*a'.repeat(17) }), tooMany)
      expectAnswer(await search({ glob: '?'.repeat(17) }), tooMany)
    },
    { roles: ['user'] },
  )

  attack(
    'A-047',
    async (scene) => {
      mkdirSync(join(scene.server.workspace, 'users/bob'), { recursive: true })
      writeFileSync(join(scene.server.workspace, 'users/bob/k'), CANARY)
      const nothing = completed({ matches: [], truncated: false })
      for (const args of [{ text: CANARY }, { text: CANARY, glob: '**' }, { glob: 'k' }, { glob: 'private/*' }]) {
        expectAnswer(await scene.call('searchFiles', args), nothing)
      }
      expectAnswer(await scene.call('searchFiles', { path: 'private', text: CANARY }), OUTSIDE)
      expectAnswer(await scene.call('searchFiles', { path: 'users/bob', text: CANARY }), OUTSIDE)
      const { body } = await scene.call('listFiles', { depth: 8, limit: 1000 })
      expect(/private|bob/.exec(body)).toBeNull()
    },
    { roles: ['user'] },
  )

  attack('A-056', async (scene) => {
    const body = (path: Buffer) =>
      Buffer.concat([
        Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"readFile","arguments":{"path":"'),
        path,
        Buffer.from('"}}}'),
      ])
    for (const hex of ['c0aec0ae2f', 'e9', 'eda080', 'f8888080', 'ff', '7075626c69632fc3']) {
      expectAnswer(await scene.post(body(Buffer.from(hex, 'hex'))), PARSE_ERROR)
    }
  })
})
