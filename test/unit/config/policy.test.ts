import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { loadConfig } from '../../../src/config/load.ts'

const folder = await mkdtemp(join(tmpdir(), 'portcullis-config-'))
afterAll(() => rm(folder, { recursive: true }))
await mkdir(join(folder, 'workspace'))
await mkdir(join(folder, 'policies'))
for (const file of ['bundle.tar.gz', 'keys.pem', 'token', 'tls.crt', 'tls.key', 'ca.pem']) {
  await writeFile(join(folder, file), '')
}

const URL_SOURCE = 'https://policies.example.com/bundle.tar.gz'

const load = (policies: string, policy: object) =>
  loadConfig({
    env: {},
    flags: {},
    demo: {
      workspace: 'workspace',
      policies,
      policy,
      issuers: [
        { issuer: 'https://login.example.com', audiences: ['x'], jwks: { url: 'https://login.example.com/jwks' } },
      ],
    },
    cwd: folder,
  })

const faultsOf = async (policies: string, policy: object) => {
  const loaded = await load(policies, policy)
  return loaded.ok
    ? []
    : loaded.error.map(({ key, problem, remedy }) => `${key}: ${problem}; ${remedy}`.replaceAll(folder, 'D'))
}

test('every path starts from the folder of the configuration, a URL from nowhere', async () => {
  const loaded = await load(URL_SOURCE, {
    state: 'kept',
    verification_keys: 'keys.pem',
    candidate: 'bundle.tar.gz',
    token: { file: 'token' },
    client_certificate: { cert: 'tls.crt', key: 'tls.key' },
    ca: 'ca.pem',
    max_age_seconds: 3600,
  })
  const at = (name: string) => join(folder, name)
  expect(loaded.ok && [loaded.value.policies, loaded.value.policy]).toEqual([
    URL_SOURCE,
    {
      watch: true,
      state: at('kept'),
      max_age_seconds: 3600,
      max_bytes: 67_108_864,
      verification_keys: at('keys.pem'),
      candidate: at('bundle.tar.gz'),
      poll: { min_seconds: 10, max_seconds: 30, wait_seconds: 60, timeout_seconds: 30 },
      token: { file: at('token') },
      client_certificate: { cert: at('tls.crt'), key: at('tls.key') },
      ca: at('ca.pem'),
    },
  ])
})

test.each<{ name: string; policies: string; policy: object }>([
  { name: 'a URL on this machine in plain http', policies: 'http://127.0.0.1:8080/bundle.tar.gz', policy: {} },
  {
    name: 'a candidate at a URL that wants a token',
    policies: 'policies',
    policy: { candidate: URL_SOURCE, token: { env: 'T' } },
  },
  {
    name: 'a source that is away, and a folder with what was kept',
    policies: 'gone.tar.gz',
    policy: { state: 'kept' },
  },
])('$name is accepted', async ({ policies, policy }) => {
  expect(await faultsOf(policies, policy)).toEqual([])
})

const URL_REMEDY = 'write for example https://policies.example.com/bundle.tar.gz'

test.each<{ name: string; policies: string; policy: object; faults: readonly string[] }>([
  {
    name: 'plain http to another machine',
    policies: 'http://policies.example.com/bundle.tar.gz',
    policy: { candidate: 'http://policies.example.com/next.tar.gz' },
    faults: [
      `policies: over plain http a policy can be replaced on the way; ${URL_REMEDY}`,
      `policy.candidate: over plain http a policy can be replaced on the way; ${URL_REMEDY}`,
    ],
  },
  {
    name: 'what is no URL',
    policies: 'https://',
    policy: {},
    faults: [`policies: expected a URL; ${URL_REMEDY}`],
  },
  {
    name: 'a password in the URL',
    policies: 'https://me:secret@policies.example.com/bundle.tar.gz',
    policy: {},
    faults: ['policies: a URL is shown, and this one holds a password; give it as policy.token'],
  },
  {
    name: 'settings of a URL where there is none',
    policies: 'bundle.tar.gz',
    policy: {
      token: { env: 'T' },
      client_certificate: { cert: 'tls.crt', key: 'tls.key' },
      ca: 'ca.pem',
      max_age_seconds: 60,
    },
    faults: [
      'policy.token: used for a URL only, and there is none; leave it out',
      'policy.client_certificate: used for a URL only, and there is none; leave it out',
      'policy.ca: used for a URL only, and there is none; leave it out',
      'policy.max_age_seconds: only a URL that is watched confirms a policy; leave it out',
    ],
  },
  {
    name: 'an age that nothing confirms',
    policies: URL_SOURCE,
    policy: { watch: false, max_age_seconds: 60 },
    faults: ['policy.max_age_seconds: only a URL that is watched confirms a policy; leave it out'],
  },
  {
    name: 'signatures of a folder',
    policies: 'policies',
    policy: { verification_keys: 'keys.pem' },
    faults: ['policy.verification_keys: a policy folder is not signed; name a signed bundle.tar.gz'],
  },
  {
    name: 'half of what belongs together',
    policies: URL_SOURCE,
    policy: { token: { env: 'T', file: 'token' }, client_certificate: { cert: 'tls.crt' }, poll: { max_seconds: 5 } },
    faults: [
      'policy.poll.max_seconds: less than min_seconds; write 10 or more',
      'policy.token: expected either env or file; leave one out',
      'policy.client_certificate: expected both cert and key; name the file that is missing',
    ],
  },
  {
    name: 'files that are not there',
    policies: 'gone.tar.gz',
    policy: { verification_keys: 'gone.pem' },
    faults: [
      'policies: D/gone.tar.gz is not a folder or bundle; write policies: ./policies, or the path of a bundle.tar.gz',
      'policy.verification_keys: D/gone.pem is not a file; name a file that exists',
    ],
  },
])('$name is refused', async ({ policies, policy, faults }) => {
  expect(await faultsOf(policies, policy)).toEqual(faults)
})
