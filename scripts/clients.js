import { runApart, say } from './apart.js'
import { installBeside } from './beside.js'

/** As people have them: the Inspector wants a newer Node than this product does, and gets it. */
const PACKAGES = { '@modelcontextprotocol/inspector': '2.12.0', 'mcp-remote': '0.15.1', node: '22.23.3' }

await runApart('test/clients', () => ({ CLIENT_PACKAGES: installBeside(PACKAGES, say) }))
