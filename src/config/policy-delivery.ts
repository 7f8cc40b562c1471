import { Type } from 'typebox'
import { name, path, section, whole } from '../lib/setting-types.ts'

/** How policies come in force. */
export const PolicyDelivery = section(
  {
    watch: Type.Boolean({
      default: true,
      description: '`false` looks at the source at the start and on SIGHUP only, instead of whenever it changes',
    }),
    state: Type.Optional(
      path('Folder where the last good bundle is kept, for a start while the source is away or refused', [
        '/var/lib/portcullis/policy',
      ]),
    ),
    max_age_seconds: Type.Optional(
      Type.Integer({
        minimum: 60,
        maximum: 31_622_400,
        description: 'Age at which a policy that its URL no longer confirms decides nothing any more; else it goes on',
        examples: [86_400],
      }),
    ),
    max_bytes: whole(65_536, 1_073_741_824, 67_108_864, 'Largest bundle, packed'),
    verification_keys: Type.Optional(
      path('File of public keys, PEM or JWKS: a bundle must be signed with one of them', ['./policy-keys.pem']),
    ),
    candidate: Type.Optional(
      path('Policy folder, bundle or URL to evaluate beside the one in force, without effect', ['./next.tar.gz']),
    ),
    poll: section(
      {
        min_seconds: whole(1, 86_400, 10, 'Shortest pause between two questions to a URL'),
        max_seconds: whole(1, 86_400, 30, 'Longest pause, and bound of the growing pauses after failures'),
        wait_seconds: whole(1, 600, 60, 'Time that a server with long polling may wait with its answer'),
        timeout_seconds: whole(1, 600, 30, 'Longest download, besides that time'),
      },
      'How a URL is asked',
    ),
    token: section(
      {
        env: Type.Optional(name('Environment variable that holds it', { examples: ['BUNDLE_TOKEN'] })),
        file: Type.Optional(path('File that holds it, read anew for each request', ['/run/secrets/bundle-token'])),
      },
      'Bearer token for a URL',
    ),
    client_certificate: section(
      {
        cert: Type.Optional(path('Its file, PEM', ['/run/tls/tls.crt'])),
        key: Type.Optional(path('File of its private key, PEM', ['/run/tls/tls.key'])),
      },
      'Client certificate for a URL',
    ),
    ca: Type.Optional(path('File of the authorities to trust for a URL instead of the usual ones, PEM', ['./ca.pem'])),
  },
  'How policies come in force',
)
