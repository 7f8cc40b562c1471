/** What a person answers on the pages of the demo's authorization server. */
export type Answers = { readonly user?: string; readonly answer?: 'allow' | 'deny' | 'switch' }

export type Browser = {
  /** Opens an authorization URL, answers each page, and ends where it is sent away from that server. */
  readonly logIn: (authorizationUrl: URL, answers: Answers) => Promise<URL>
  /** One request with the cookies, following nothing. */
  readonly open: (url: URL, form?: Readonly<Record<string, string>>) => Promise<Response>
  /** The titles of the pages that were shown. */
  readonly shown: readonly string[]
}

/** Cookies, redirects and forms: as much of a browser as a login without scripts needs. */
export function openBrowser(): Browser {
  const cookies = new Map<string, string>()
  const shown: string[] = []

  const open: Browser['open'] = async (url, form) => {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        ...(cookies.size > 0 && { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
        ...(form !== undefined && { origin: url.origin, 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form !== undefined && { method: 'POST', body: new URLSearchParams(form).toString() }),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (/expires=Thu, 01 Jan 1970/i.test(cookie)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return response
  }

  const logIn: Browser['logIn'] = async (authorizationUrl, { user = 'user', answer = 'allow' }) => {
    const answers = [answer]
    let response = await open(authorizationUrl)
    for (let step = 0; step < 12; step += 1) {
      const location = response.headers.get('location')
      if (location !== null) {
        const target = new URL(location, authorizationUrl)
        if (target.origin !== authorizationUrl.origin) return target
        response = await open(target)
        continue
      }
      const page = await response.text()
      shown.push(/<h1[^>]*>([^<]*)/.exec(page)?.[1] ?? page)
      const action = /<form method="post" action="([^"]+)"/.exec(page)?.[1]
      if (action === undefined) throw new Error(`no form on a page with status ${response.status}:\n${page}`)
      const fields = action.endsWith('/login') ? { login: user } : { answer: answers.pop() ?? 'allow' }
      response = await open(new URL(action, authorizationUrl), fields)
    }
    throw new Error('the login does not end')
  }
  return { logIn, open, shown }
}
