import { type Static, Type } from 'typebox'
import { closed, path, section, whole } from '../lib/setting-types.ts'
import { Issuer } from './issuer.ts'
import { PolicyDelivery } from './policy-delivery.ts'
import { ResourceMetadata } from './resource-metadata.ts'

const rate = (perSecond: number, burst: number, description: string) =>
  section(
    {
      per_second: whole(1, 1_000_000, perSecond, 'Requests per second in the long run'),
      burst: whole(1, 1_000_000, burst, 'Requests that may come at once'),
    },
    description,
  )

/** The configuration. The reference in the README is made of these descriptions, defaults and bounds. */
export const Config = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
      default: 'portcullis',
      description: 'Name of this MCP server, as clients, policies and records see it',
    }),
    public_url: Type.Optional(
      Type.String({
        description: 'Origin at which clients reach this server; else made of `listen`',
        examples: ['https://mcp.example.com'],
      }),
    ),
    listen: section(
      {
        host: Type.String({ minLength: 1, default: '127.0.0.1', description: 'Address to listen on' }),
        port: whole(0, 65_535, 3000, 'Port to listen on; 0 takes a free one'),
      },
      'Where the server listens',
    ),
    trusted_proxies: Type.Array(Type.String(), {
      default: [],
      description: 'Addresses or CIDR ranges whose `X-Forwarded-For` is believed',
      examples: [['10.0.0.0/8']],
    }),
    allowed_hosts: Type.Array(Type.String({ pattern: '^(\\[[0-9a-f:.]+\\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)$' }), {
      default: [],
      description: 'Host names served besides that of `public_url`, in lower case and without port',
      examples: [['mcp.example.com']],
    }),
    allowed_origins: Type.Array(Type.String(), {
      default: [],
      description: 'Origins of browser pages that may call',
      examples: [['https://console.example.com']],
    }),
    issuers: Type.Array(Issuer, { default: [], description: 'Authorization servers whose tokens are accepted' }),
    resource_metadata: ResourceMetadata,
    revocations: Type.Optional(
      path('YAML or JSON file of revoked tokens and subjects, read again when it changes', ['./revocations.yaml']),
    ),
    revocations_max_stale: whole(
      60,
      604_800,
      3600,
      'Seconds after which a revocation file that cannot be read again leaves nobody in',
    ),
    tools: Type.Array(path('Module', ['./my-tools.js']), {
      default: [],
      description: 'Modules whose tools are added to the built-in ones',
      examples: [['./my-tools.js']],
    }),
    workspace: Type.Optional(path('Folder that the file tools work in', ['./workspace'])),
    policies: Type.Optional(
      path('Policy folder, bundle, or URL of a bundle', [
        './policies',
        './bundle.tar.gz',
        'https://policies.example.com/bundle.tar.gz',
      ]),
    ),
    policy: PolicyDelivery,
    quota: section(
      {
        max_keys: whole(100, 10_000_000, 100_000, 'Limits counted at the same time'),
        store_timeout_ms: whole(1, 60_000, 1000, 'Longest wait for the limit store'),
      },
      'The limit store',
    ),
    log: section(
      {
        sink: Type.Enum(['stdout', 'file'], { default: 'stdout', description: 'Where decision records go' }),
        path: Type.Optional(path('File of the `file` sink', ['./decisions.ndjson'])),
        max_bytes: whole(65_536, 10_737_418_240, 104_857_600, 'Size at which the file is rotated'),
        max_files: whole(1, 1000, 10, 'Rotated files kept'),
        mode: Type.Enum(['strict', 'lenient'], {
          default: 'strict',
          description: '`strict` refuses calls that cannot be recorded, `lenient` counts them',
        }),
        buffer: whole(1, 1_000_000, 1024, 'Records that may wait to be written'),
        timeout_ms: whole(1, 60_000, 2000, 'Longest wait for a record to be written'),
        unauthenticated_per_second: whole(
          0,
          1_000_000,
          10,
          'Refusals before authentication that are written in a second; the others are counted',
        ),
      },
      'The decision log',
    ),
    limits: section(
      {
        body_bytes: whole(1024, 67_108_864, 1_048_576, 'Largest request body'),
        header_count: whole(10, 900, 100, 'Most request headers'),
        header_bytes: whole(1024, 1_048_576, 32_768, 'Largest request headers'),
        headers_timeout_ms: whole(100, 600_000, 5000, 'Longest wait for request headers'),
        request_timeout_ms: whole(100, 600_000, 15_000, 'Longest wait for a whole request'),
        idle_timeout_ms: whole(
          100,
          600_000,
          60_000,
          'Longest time that a connection stays open without a byte in either direction',
        ),
        max_connections: whole(
          1,
          1_000_000,
          1000,
          'Most requests answered at the same time; twice as many may connect',
        ),
        per_address: rate(100, 200, 'Flood protection for each address'),
        per_subject: rate(50, 100, 'Flood protection for each subject'),
        decision_budget_ms: whole(1, 60_000, 50, 'Longest decision of a smoke case; a slower policy is not loaded'),
        drain_ms: whole(0, 600_000, 10_000, 'Time that running calls get at shutdown'),
      },
      'Bounds on what anybody may send',
    ),
    denials: section(
      {
        http_status: Type.Boolean({
          default: false,
          description: 'Answer refusals with 403, 429 and 503 instead of 200',
        }),
        detail: Type.Enum(['full', 'minimal'], {
          default: 'full',
          description: '`minimal` keeps reasons from callers',
        }),
      },
      'How refusals are told',
    ),
    admin: section(
      {
        enabled: Type.Boolean({
          default: false,
          description: 'Serve `/admin/…`, to those whom the policy in force permits',
        }),
        socket: Type.Optional(
          path('Unix domain socket for the shell of this machine, which policy is not asked about', [
            '/var/lib/portcullis/admin.sock',
          ]),
        ),
      },
      'Administration of the policies',
    ),
    shadow: section(
      {
        budget_ms: whole(0, 500, 50, 'Milliseconds of each second that a candidate may take; 0 evaluates none'),
        queue: whole(1, 100_000, 1000, 'Decisions that may wait for it; further ones are counted'),
      },
      'Evaluation of a candidate beside the policy in force',
    ),
    enforce: Type.Boolean({
      default: true,
      description: '`false` only records what policy would deny, for a first rollout',
    }),
  },
  closed,
)

/** A configuration of the right form, before it is known to make sense. */
export type WrittenConfig = Static<typeof Config>

/** A configuration that passed every check: paths absolute, and nothing missing that the server needs. */
export type Config = WrittenConfig & Required<Pick<WrittenConfig, 'public_url' | 'workspace' | 'policies'>>
