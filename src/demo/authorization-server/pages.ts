import { isLoopback } from '../../lib/loopback.ts'
import { DEMO_USERS } from '../users.ts'
import { html, type Page, page } from './html.ts'
import { DEMO_SCOPES } from './scopes.ts'

/** Who asks: what the client says of itself, and where it is sent back to. */
export type Asking = {
  readonly clientName: string
  /** The address of its metadata document, for a client that is known by one. */
  readonly clientUrl?: string
  readonly redirectUri: string
}

export function loginPage(uid: string, asking: Asking): Page {
  const users = DEMO_USERS.map(
    ({ name, description }) =>
      html`<button name="login" value="${name}"><strong>${name}</strong> <span>${description}</span></button>`,
  )
  const main = html`<p><strong>${asking.clientName}</strong> wants to use Portcullis for you.</p>
<form method="post" action="/interaction/${uid}/login" aria-label="Demo users">
<p>Who are you?</p>
${users}
</form>`
  return page('Choose a demo user', main, [formTarget(asking.redirectUri)])
}

export function consentPage(uid: string, asking: Asking, user: string, scopes: readonly string[]): Page {
  const items = scopes.map((scope) => html`<li>${DEMO_SCOPES[scope] ?? scope} (<code>${scope}</code>)</li>`)
  const refused = html`<p>Nothing of what it asks for is within what ${user} may grant.</p>`
  const main = html`<dl>
<dt>You are</dt><dd>${user}</dd>
<dt>Application</dt><dd>${asking.clientName}${asking.clientUrl === undefined ? '' : html` (${asking.clientUrl})`}</dd>
<dt>Sends you back to</dt><dd>${placeOf(asking.redirectUri)}</dd>
</dl>
<h2 id="scopes">It asks to</h2>
${scopes.length === 0 ? refused : html`<ul aria-labelledby="scopes">${items}</ul>`}
<p>Policy still decides about each call.</p>
<form method="post" action="/interaction/${uid}/consent" aria-label="Your answer">
<button class="key" name="answer" value="allow">Allow</button>
<button class="plain" name="answer" value="deny">Deny</button>
<button class="plain" name="answer" value="switch">Be another user</button>
</form>`
  return page(`Let ${asking.clientName} in?`, main, [formTarget(asking.redirectUri)])
}

export const errorPage = (problem: string): Page =>
  page(
    'This login cannot go on',
    html`<p role="alert">${problem}</p>
<p>Close this page and log in from your client again.</p>`,
  )

/** What of a redirect address tells people where they go: a program on this machine, a host, or an app by its scheme. */
function placeOf(redirectUri: string): string {
  const { protocol, hostname, host } = new URL(redirectUri)
  if (isLoopback(hostname)) return `a program on this machine (${host})`
  return protocol === 'https:' || protocol === 'http:' ? host : `the app that opens ${protocol} links`
}

/** CSP knows neither paths of apps nor IPv6 addresses: there the scheme must do. */
function formTarget(redirectUri: string): string {
  const { protocol, hostname, origin } = new URL(redirectUri)
  return /^https?:$/.test(protocol) && !hostname.startsWith('[') ? origin : protocol
}
