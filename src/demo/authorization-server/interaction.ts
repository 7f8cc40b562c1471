import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Interaction, Provider } from 'oidc-provider'
import { DEMO_USERS } from '../users.ts'
import type { Page } from './html.ts'
import { type Asking, consentPage, errorPage, loginPage } from './pages.ts'
import { MCP_SCOPES } from './scopes.ts'

export const INTERACTION = /^\/interaction\/([\w-]{1,64})(?:\/(login|consent))?$/

type Exchange = { readonly req: IncomingMessage; readonly res: ServerResponse }

/** The login and consent pages, and the answers to their forms. */
export function createInteractions(provider: Provider, readForm: (req: IncomingMessage) => Promise<URLSearchParams>) {
  return async (exchange: Exchange, uid: string, form: string | undefined): Promise<void> => {
    const { req, res } = exchange
    const interaction = await provider.interactionDetails(req, res).catch(() => undefined)
    if (interaction?.uid !== uid) {
      return send(res, 400, errorPage('This login has ended, or was begun in another browser.'))
    }
    if (form === undefined && req.method === 'GET') return show(provider, res, interaction)
    if (form !== interaction.prompt.name || req.method !== 'POST') {
      return send(res, 400, errorPage('This step of the login is over.'))
    }
    const fields = await readForm(req)
    return form === 'login'
      ? logIn(provider, exchange, fields.get('login'))
      : consent(provider, exchange, interaction, fields.get('answer'))
  }
}

async function show(provider: Provider, res: ServerResponse, interaction: Interaction): Promise<void> {
  const asking = await askingOf(provider, interaction)
  if (interaction.prompt.name === 'login') return send(res, 200, loginPage(interaction.uid, asking))
  const user = interaction.session?.accountId ?? ''
  return send(res, 200, consentPage(interaction.uid, asking, user, grantableOf(interaction, user)))
}

async function askingOf(provider: Provider, { params }: Interaction): Promise<Asking> {
  const id = String(params['client_id'])
  const client = await provider.Client.find(id)
  const isUrl = id.startsWith('https://')
  return {
    clientName: readable(client?.clientName) || (isUrl ? new URL(id).host : 'An application without a name'),
    ...(isUrl && { clientUrl: id }),
    redirectUri: String(params['redirect_uri']),
  }
}

/** A name is whatever the client says: without control and direction characters, and not longer than a name. */
const readable = (name = ''): string => name.replace(/\p{C}/gu, '').trim().slice(0, 80)

const requestedOf = ({ params }: Interaction): readonly string[] =>
  String(params['scope'] ?? '')
    .split(' ')
    .filter((scope) => scope !== '')

function grantableOf(interaction: Interaction, user: string): readonly string[] {
  const grants: readonly string[] = DEMO_USERS.find(({ name }) => name === user)?.grants ?? []
  return requestedOf(interaction).filter((scope) => !MCP_SCOPES.includes(scope) || grants.includes(scope))
}

async function logIn(provider: Provider, { req, res }: Exchange, login: string | null): Promise<void> {
  if (!DEMO_USERS.some(({ name }) => name === login)) {
    return send(res, 400, errorPage('There is no such demo user.'))
  }
  await provider.interactionFinished(req, res, { login: { accountId: String(login) } })
}

async function consent(
  provider: Provider,
  { req, res }: Exchange,
  interaction: Interaction,
  answer: string | null,
): Promise<void> {
  if (answer === 'deny') {
    const error_description = 'The person said no'
    return provider.interactionFinished(req, res, { error: 'access_denied', error_description })
  }
  if (answer === 'switch') return startAnew(provider, res, interaction)
  if (answer !== 'allow') return send(res, 400, errorPage('There is no such answer.'))
  const grantId = await grant(provider, interaction)
  await provider.interactionFinished(req, res, { consent: { grantId } })
}

/** What was consented to, added to what was before. What the user may not grant is refused, and not asked again. */
async function grant(provider: Provider, interaction: Interaction): Promise<string> {
  const accountId = interaction.session?.accountId ?? ''
  const known = interaction.grantId === undefined ? undefined : await provider.Grant.find(interaction.grantId)
  const granted = known ?? new provider.Grant({ accountId, clientId: String(interaction.params['client_id']) })
  const scopes = grantableOf(interaction, accountId)
  const refused = requestedOf(interaction).filter((scope) => !scopes.includes(scope))
  const resource = String(interaction.params['resource'])
  granted.addOIDCScope(scopes.join(' '))
  granted.addResourceScope(resource, scopes.filter((scope) => MCP_SCOPES.includes(scope)).join(' '))
  if (refused.length > 0) {
    granted.rejectOIDCScope(refused.join(' '))
    granted.rejectResourceScope(resource, refused.join(' '))
  }
  return granted.save()
}

/** Ends the session and asks the same question again: now the login comes first. */
async function startAnew(provider: Provider, res: ServerResponse, { session, params }: Interaction): Promise<void> {
  const current = session === undefined ? undefined : await provider.Session.findByUid(session.uid)
  await current?.destroy()
  const query = new URLSearchParams(
    Object.entries(params).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  )
  res.writeHead(303, { location: `/auth?${query}`, 'cache-control': 'no-store' }).end()
}

export function send(res: ServerResponse, status: number, { headers, body }: Page): void {
  res.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}
