import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { DecisionRecord, OutcomeRecord } from '../model/record.ts'

/** Figures that are read when somebody asks, not counted on the way. */
export type Gauges = Readonly<Record<string, () => number | Promise<number>>>

/** Such figures for each value of one label. */
export type LabelledGauges = Readonly<
  Record<string, { readonly label: string; readonly read: () => Readonly<Record<string, number>> }>
>

/** What only grows, read when somebody asks. */
export type Counts = Readonly<Record<string, () => number>>

export type Metrics = {
  /** `action` is the MCP method, or `other` for what is no method of ours: labels stay bounded. */
  readonly decision: (record: DecisionRecord, action: string) => void
  readonly outcome: (record: OutcomeRecord) => void
  readonly render: () => Promise<{ readonly contentType: string; readonly text: string }>
}

const STEP_SECONDS = [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.0025, 0.01, 0.05, 0.25, 1]
const RUN_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 30]

/** Prometheus metrics, made from the records themselves, so that they cannot say anything else. */
export function createMetrics(gauges: Gauges, labelled: LabelledGauges = {}, counts: Counts = {}): Metrics {
  const registers = [new Registry()]
  const [registry] = registers as [Registry]
  collectDefaultMetrics({ register: registry })
  const decisions = new Counter({
    name: 'portcullis_decisions_total',
    help: 'Requests by effect of the decision, code of the refusal (permitted when there is none) and MCP method',
    labelNames: ['effect', 'code', 'method', 'enforced'],
    registers,
  })
  const steps = new Histogram({
    name: 'portcullis_step_duration_seconds',
    help: 'Duration of each step of the walk',
    labelNames: ['step'],
    buckets: STEP_SECONDS,
    registers,
  })
  const outcomes = new Counter({
    name: 'portcullis_outcomes_total',
    help: 'Permitted calls by how they ended, and whether they were charged',
    labelNames: ['status', 'charged'],
    registers,
  })
  const runs = new Histogram({
    name: 'portcullis_run_duration_seconds',
    help: 'From the decision to the end of the call',
    buckets: RUN_SECONDS,
    registers,
  })
  for (const [name, read] of Object.entries(gauges)) {
    new Gauge({
      name: `portcullis_${name}`,
      help: name.replaceAll('_', ' '),
      registers,
      async collect() {
        this.set(await read())
      },
    })
  }
  for (const [name, { label, read }] of Object.entries(labelled)) {
    new Gauge({
      name: `portcullis_${name}`,
      help: name.replaceAll('_', ' '),
      labelNames: [label],
      registers,
      collect() {
        this.reset()
        for (const [value, figure] of Object.entries(read())) this.set({ [label]: value }, figure)
      },
    })
  }

  for (const [name, read] of Object.entries(counts)) {
    new Counter({
      name: `portcullis_${name}`,
      help: name.replaceAll('_', ' '),
      registers,
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }

  return {
    decision: (record, method) => {
      const enforced = String(record.enforced ?? true)
      decisions.inc({ effect: effectOf(record), code: record.refusal ?? 'permitted', method, enforced })
      for (const [step, us] of Object.entries(record.metrics)) steps.observe({ step }, us / 1e6)
    },
    outcome: ({ status, charged, duration }) => {
      outcomes.inc({ status, charged: String(charged) })
      runs.observe(duration / 1e6)
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}

/** `none`: the request was refused before anything was decided. */
function effectOf({ result }: DecisionRecord): string {
  if (typeof result !== 'object' || result === null || !('effect' in result)) return 'none'
  return String(result.effect)
}
