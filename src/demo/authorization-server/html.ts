import { createHash } from 'node:crypto'

/** Text that is HTML already; everything else is escaped. */
export type Html = { readonly html: string }

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

type Part = string | Html | readonly Html[]

const toHtml = (part: Part): string =>
  typeof part === 'string'
    ? part.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? '')
    : 'html' in part
      ? part.html
      : part.map(({ html }) => html).join('')

export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: texts.map((text, index) => `${text}${index < parts.length ? toHtml(parts[index] ?? '') : ''}`).join(''),
})

export type Page = { readonly headers: Readonly<Record<string, string>>; readonly body: string }

const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #4b5563; --ground: #f5f6f8; --card: #fff; --line: #8a929e; --key: #1d4ed8; --on-key: #fff }
@media (prefers-color-scheme: dark) {
  :root { --text: #f0f2f5; --soft: #b6bdc8; --ground: #111418; --card: #1b1f26; --line: #6f7885; --key: #93b4ff; --on-key: #0c1428 }
}
* { box-sizing: border-box }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--ground) }
main { max-width: 34rem; margin: 0 auto; padding: 2rem 1rem }
header, footer { max-width: 34rem; margin: 0 auto; padding: 1rem; color: var(--soft); font-size: .875rem }
section { overflow-wrap: anywhere; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1.5rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .75rem }
h2 { font-size: 1rem; margin: 1.25rem 0 .25rem }
dl { margin: 1rem 0; display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem }
dt { color: var(--soft) } dd { margin: 0 }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr } dd { margin-bottom: .5rem } }
ul { margin: .25rem 0; padding-left: 1.25rem }
button { font: inherit; width: 100%; padding: .75rem 1rem; margin-top: .75rem; border-radius: .375rem; border: 1px solid var(--line);
  background: var(--card); color: var(--text); cursor: pointer; text-align: left }
button.key { background: var(--key); border-color: var(--key); color: var(--on-key); text-align: center; font-weight: 600 }
button.plain { text-align: center }
button:focus-visible { outline: 3px solid var(--key); outline-offset: 2px }
button strong { display: block } button span { color: var(--soft); font-size: .875rem }
`

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/** A whole page: no script, nothing from elsewhere, in no frame. A form may lead to `formTargets` besides this server. */
export function page(title: string, main: Html, formTargets: readonly string[] = []): Page {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    // Chromium holds redirects after a form to it too: the last one leads to the client
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  const { html: body } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Portcullis demo</title>
<style>${{ html: STYLE }}</style>
</head>
<body>
<header>Portcullis demo</header>
<main>
<section aria-labelledby="title">
<h1 id="title">${title}</h1>
${main}
</section>
</main>
<footer>For trying out only: there are no passwords, and everybody on this machine may be any of these users.</footer>
</body>
</html>
`
  return { headers: { ...PAGE_HEADERS, 'content-security-policy': policy.join('; ') }, body }
}

const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // `no-referrer` would make browsers send `Origin: null` with the forms, which is how we know them as ours
  'referrer-policy': 'same-origin',
}
