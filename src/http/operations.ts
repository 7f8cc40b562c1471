import { Hono } from 'hono'
import type { Environment } from './environment.ts'

/** What `/readyz` shows of each part. A part that is not ready makes the whole answer 503. */
export type Readiness = Readonly<Record<string, { readonly ready: boolean } & Readonly<Record<string, unknown>>>>

export type Operations = {
  readonly readiness: () => Promise<Readiness>
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
}

/** Health for machines: no authentication, no data of anybody. */
export function operationsRoutes({ readiness, metrics }: Operations): Hono<Environment> {
  const routes = new Hono<Environment>()
  routes.get('/healthz', (c) => c.json({ status: 'ok' }))
  routes.get('/readyz', async (c) => {
    const parts = await readiness()
    const ready = Object.values(parts).every((part) => part.ready)
    return c.json({ ready, ...parts }, ready ? 200 : 503)
  })
  routes.get('/metrics', async (c) => {
    const { contentType, text } = await metrics()
    return c.body(text, 200, { 'content-type': contentType })
  })
  return routes
}
