import { expect, test } from '@jest/globals'
import { METADATA_PATH, metadataRoutes, type ResourceMetadata } from '../../../src/http/resource-metadata.ts'

const METADATA: ResourceMetadata = {
  resource: 'https://mcp.example.com/mcp',
  resource_name: 'files',
  authorization_servers: ['https://issuer'],
  scopes_supported: ['mcp:read'],
  bearer_methods_supported: ['header'],
}

test.each([METADATA_PATH, '/.well-known/oauth-protected-resource'])(
  '%s says what was configured, not Host',
  async (path) => {
    const response = await metadataRoutes(METADATA).request(path, { headers: { host: 'evil.example' } })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('max-age=300')
    expect(await response.json()).toEqual(METADATA)
  },
)
