/** The message by which a web hook is tried before it is written into any settings. */
import { stringOf } from "../../../base/json.ts"
import { outcomeOf, problemOutcome, requestFor } from "../../../operations/alerts/webhook.ts"
import { parseAlerts } from "../../../policy/alerts/alert-rule.ts"
import { postWebhook } from "../../http/webhook.ts"

export type Tried = { readonly receiver: string; readonly took: boolean; readonly words: string }

const withinMs = 15_000

/** Undefined where no web hook is named. A variable that stands for it is read here, too: the gateway's environment may be another one. */
export async function tryWebhook(settings: Readonly<Record<string, unknown>>, environment: NodeJS.ProcessEnv, nowMs: number): Promise<Tried | undefined> {
  const { notificationWebhook: named, webhookAllowPrivateHost } = settings
  if (named === undefined) return undefined
  const variable = typeof named === "object" && named !== null && "id" in named ? stringOf(named.id) : undefined
  const url = variable === undefined ? stringOf(named) : environment[variable]
  if (!url) return { receiver: variable ?? "?", took: false, words: `not tried: the variable ${variable ?? "?"} is not set here` }
  const { webhook } = parseAlerts({ notificationWebhook: url, webhookAllowPrivateHost })?.receivers[0] ?? {}
  if (!webhook?.url) return undefined
  const receiver = new URL(webhook.url).host
  const about = { alert: `setup-${nowMs}`, kind: "test", severity: "info" as const, key: `test|${nowMs}`, of: 0, count: 1, fromMs: nowMs, toMs: nowMs }
  const raised = { ...about, words: "a test: somebody ran sovereign-ledger setup", atMs: nowMs, untilMs: nowMs, receivers: ["notification"] }
  const outcome = await postWebhook(requestFor(webhook, webhook.url, raised, { ledger: "sovereign-ledger", nowMs }), AbortSignal.timeout(withinMs)).then(
    (answer) => outcomeOf(answer, nowMs),
    problemOutcome,
  )
  return { receiver, took: outcome.took, words: outcome.took ? "it took the test message" : `it did not take the test message: ${outcome.why}` }
}
