import { readFile } from 'node:fs/promises'
import { Agent, buildConnector } from 'undici'

export type ClientOptions = {
  /** Certificates of the authorities to trust instead of the usual ones, PEM. */
  readonly ca?: string | undefined
  /** What this client shows of itself, PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined
}

/** Connections to a policy source. Files are read for each of them, so that renewed ones count. */
export function createClient({ ca, certificate }: ClientOptions): Agent {
  const files = async () => ({
    ...(ca !== undefined && { ca: await readFile(ca, 'utf8') }),
    ...(certificate !== undefined && {
      cert: await readFile(certificate.cert, 'utf8'),
      key: await readFile(certificate.key, 'utf8'),
    }),
  })
  return new Agent({
    connect: (options, callback) => {
      files().then(
        (tls) => buildConnector(tls)(options, callback),
        (thrown: Error) => callback(thrown, null),
      )
    },
  })
}
