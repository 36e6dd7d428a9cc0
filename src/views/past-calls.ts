/** The model calls on record of a window, in the order of their times, as the ledger counts a spend. */
import { Parents } from "../format/parents.ts"
import type { PastCall } from "../ledger/simulate.ts"
import type { SqliteDatabase } from "../vault/database.ts"
import type { LedgerAccess } from "./ledger-access.ts"

type Row = {
  readonly at_ms: number
  readonly tokens: number
  readonly nanos: number | null
  readonly run: string
  readonly scope: string
  readonly provider: string
  readonly model: string
  readonly agent: string
  readonly channel: string
  readonly job: string
}

const sql = `
  SELECT u.at_ms, u.input + u.output + u.cache_read + u.cache_write AS tokens, coalesce(u.computed, nullif(u.reported, 0)) AS nanos, u.run, s.scope,
    c.provider, c.model, c.agent, c.channel, c.job
  FROM usage_calls u JOIN usage_cells c ON c.id = u.cell JOIN usage_sessions s ON s.id = u.session
  WHERE u.at_ms >= ? AND u.at_ms < ? ORDER BY u.at_ms, u.id`

/** `each` is called while the question is open: it must not ask another one. */
export function eachPastCall(access: LedgerAccess, fromMs: number, toMs: number, each: (call: PastCall) => void): void {
  const labels = new Map<string, string>()
  const labelOf = (scope: string) => {
    let label = labels.get(scope)
    if (label === undefined) {
      const found = access.scopes?.byId(Buffer.from(scope, "hex"))
      labels.set(scope, (label = typeof found === "object" && found.session !== "" ? found.session : scope))
    }
    return label
  }
  access.ask((views) => {
    const parents = parentsIn(views, labelOf, access.scopes)
    for (const row of views.prepare(sql).iterate(fromMs, toMs) as IterableIterator<Row>) {
      each({
        atMs: row.at_ms,
        tokens: BigInt(row.tokens),
        moneyNanos: row.nanos === null ? undefined : BigInt(row.nanos),
        run: row.run,
        spend: spendOf({ ...row, session: labelOf(row.scope), payer: parents.payerOf(labelOf(row.scope)), cron: row.job }),
      })
    }
  })
}

/** Which session began which, by their keys: of a parent whose own key is not known, nobody pays. */
function parentsIn(views: SqliteDatabase, labelOf: (scope: string) => string, scopes: LedgerAccess["scopes"]): Parents {
  const parents = new Parents(Number.POSITIVE_INFINITY)
  if (!scopes) return parents
  const sessions = views.prepare("SELECT scope, parent FROM usage_sessions").all() as readonly { readonly scope: string; readonly parent: string }[]
  const begun = sessions.filter(({ parent }) => parent !== "")
  if (begun.length === 0) return parents
  const labels = new Map(sessions.map(({ scope }) => [scopes.pseudonym(labelOf(scope)), labelOf(scope)]))
  for (const { scope, parent } of begun) parents.note(labelOf(scope), labels.get(parent) ?? parent)
  return parents
}

const dimensions = ["agent", "payer", "provider", "model", "channel", "session", "cron"] as const

/** Dimensions of a spend, without those that are not told. */
export function spendOf(told: { readonly [D in (typeof dimensions)[number]]?: string | undefined }): PastCall["spend"] {
  return Object.fromEntries(dimensions.flatMap((name) => (told[name] ? [[name, told[name]]] : [])))
}
