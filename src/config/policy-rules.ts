import { isUrl } from '../lib/location.ts'
import { isSecure } from '../lib/loopback.ts'
import { type Finding, finding } from './finding.ts'
import type { WrittenConfig } from './schema.ts'

type Delivery = WrittenConfig['policy']
type Absolute = (path: string, ...members: readonly string[]) => string

/** Settings of policy delivery that are in each other's way, or lead to nothing. */
export function policyDelivery({ policies, policy }: WrittenConfig): readonly (Finding | undefined)[] {
  const { candidate, verification_keys, poll, max_age_seconds, watch } = policy
  const locations = [
    { members: ['policies'], location: policies },
    { members: ['policy', 'candidate'], location: candidate },
  ]
  const isFolder = [policies, candidate].some(
    (location) => location !== undefined && !isUrl(location) && !location.endsWith('.tar.gz'),
  )
  return [
    ...locations.map(({ members, location }) => urlFault(members, location)),
    ...(locations.some(({ location }) => location !== undefined && isUrl(location)) ? [] : unusedUrlSettings(policy)),
    verification_keys !== undefined && isFolder
      ? finding(['policy', 'verification_keys'], 'a policy folder is not signed', 'name a signed bundle.tar.gz')
      : undefined,
    poll.max_seconds < poll.min_seconds
      ? finding(['policy', 'poll', 'max_seconds'], 'less than min_seconds', `write ${poll.min_seconds} or more`)
      : undefined,
    max_age_seconds !== undefined && !(watch && policies !== undefined && isUrl(policies))
      ? finding(['policy', 'max_age_seconds'], 'only a URL that is watched confirms a policy', 'leave it out')
      : undefined,
    policy.token.env !== undefined && policy.token.file !== undefined
      ? finding(['policy', 'token'], 'expected either env or file', 'leave one out')
      : undefined,
    (policy.client_certificate.cert === undefined) !== (policy.client_certificate.key === undefined)
      ? finding(['policy', 'client_certificate'], 'expected both cert and key', 'name the file that is missing')
      : undefined,
  ]
}

function urlFault(members: readonly string[], location: string | undefined): Finding | undefined {
  if (location === undefined || !isUrl(location)) return undefined
  const remedy = 'write for example https://policies.example.com/bundle.tar.gz'
  if (!URL.canParse(location)) return finding(members, 'expected a URL', remedy)
  const url = new URL(location)
  if (!isSecure(url)) return finding(members, 'over plain http a policy can be replaced on the way', remedy)
  if (url.username === '' && url.password === '') return undefined
  return finding(members, 'a URL is shown, and this one holds a password', 'give it as policy.token')
}

/** A token that goes nowhere is a mistake, and so is a certificate. */
function unusedUrlSettings({ token, client_certificate, ca }: Delivery): readonly Finding[] {
  const given = [
    { name: 'token', isGiven: token.env !== undefined || token.file !== undefined },
    { name: 'client_certificate', isGiven: client_certificate.cert !== undefined },
    { name: 'ca', isGiven: ca !== undefined },
  ]
  return given
    .filter(({ isGiven }) => isGiven)
    .map(({ name }) => finding(['policy', name], 'used for a URL only, and there is none', 'leave it out'))
}

/** The files that policy delivery needs, by their place in the configuration. */
export const policyFiles = ({ verification_keys, token, client_certificate, ca }: Delivery) => [
  { members: ['policy', 'verification_keys'], path: verification_keys },
  { members: ['policy', 'token', 'file'], path: token.file },
  { members: ['policy', 'client_certificate', 'cert'], path: client_certificate.cert },
  { members: ['policy', 'client_certificate', 'key'], path: client_certificate.key },
  { members: ['policy', 'ca'], path: ca },
]

/** The same settings with every path starting from the root. */
export function withAbsoluteFiles(policy: Delivery, absolute: Absolute): Delivery {
  const { token, client_certificate: client } = policy
  const at = <Name extends string>(name: Name, path: string | undefined, ...above: readonly string[]) =>
    path === undefined || isUrl(path)
      ? {}
      : ({ [name]: absolute(path, 'policy', ...above, name) } as { readonly [N in Name]: string })
  return {
    ...policy,
    ...at('state', policy.state),
    ...at('verification_keys', policy.verification_keys),
    ...at('candidate', policy.candidate),
    ...at('ca', policy.ca),
    token: { ...token, ...at('file', token.file, 'token') },
    client_certificate: {
      ...client,
      ...at('cert', client.cert, 'client_certificate'),
      ...at('key', client.key, 'client_certificate'),
    },
  }
}
