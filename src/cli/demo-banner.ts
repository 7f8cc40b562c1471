import type { Config } from '../config/load.ts'

/** What `--demo` prints: where it is, how to log in or get a token, one call that is permitted and one that is not. */
export function demoBanner(config: Config, loginUrl: string): string {
  const url = `${config.public_url}/mcp`
  const call = (path: string) => `curl -s ${url} -H "Authorization: Bearer $TOKEN" \\
    -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \\
    -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"readFile","arguments":{"path":"${path}"}}}'`
  return `
Portcullis serves MCP at ${url}

  Connect Claude Code, VS Code or Cursor with this URL alone; the browser opens, choose a demo user:
    claude mcp add --transport http portcullis ${url}

  Or take a token for one of admin, user, readonly:
    TOKEN=$(npx portcullis token readonly)

  Permitted:
    ${call('/public/a.txt')}

  Denied, with its reason:
    ${call('/users/user/notes.txt')}

  Login:             ${loginUrl} (no passwords: everybody on this machine may be any demo user)
  Workspace:         ${config.workspace}
  Policy:            ${config.policies} (edit a rule: it holds within seconds)
  Decision records:  ${config.log.path}

`
}
