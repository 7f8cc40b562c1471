/** What a client may ask for, in the words of the consent page. */
export const DEMO_SCOPES: Readonly<Record<string, string>> = {
  'mcp:read': 'Use the tools that only read: list, search and read the files that you may read',
  'mcp:write': 'Use the tools that change things: write the files that you may write',
  'mcp:admin': 'Administer the policies: read, check, activate and roll them back',
  openid: 'Know which demo user you are',
  offline_access: 'Stay logged in until you withdraw it',
}

/** The scopes of the MCP server. The others are those of OpenID Connect. */
export const MCP_SCOPES = Object.keys(DEMO_SCOPES).filter((scope) => scope.startsWith('mcp:'))

/** What a client gets that asks for nothing (RFC 6749, 3.3). */
export const DEFAULT_SCOPE = 'mcp:read'
