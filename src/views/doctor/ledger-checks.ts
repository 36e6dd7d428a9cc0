/** What is wrong in a ledger that opens: nobody is told, a budget refuses nothing, who anchors has gone silent. */
import { objectOf, stringOf } from "../../base/json.ts"
import { alertStatus } from "../alert-log.ts"
import { anchorStandings } from "../anchors.ts"
import { budgetsNow } from "../budgets.ts"
import { grantCommand } from "../coverage.ts"
import type { LedgerAccess } from "../ledger-access.ts"
import { witnessRows } from "../witness-rows.ts"
import { good, wrong, type Examined, type Finding, type LedgerCheck } from "./finding.ts"

const silentMs = 86_400_000

export const ledgerChecks: readonly LedgerCheck[] = [
  { name: "webhooks", look: webhooks },
  { name: "enforcement", look: enforcement },
  { name: "stalled", look: stalled },
]

/** Who was to be told and was not, after he last was. */
function webhooks(access: LedgerAccess, { nowMs, host, environment }: Examined): readonly Finding[] {
  const failing = alertStatus(access, nowMs).receivers.filter(
    ({ lastProblem, lastDeliveredAt }) => lastProblem !== null && (lastDeliveredAt === null || lastDeliveredAt < lastProblem.at),
  )
  const missing = variablesIn(host.settings).filter((name) => environment[name] === undefined)
  const found = failing.map(({ name, lastProblem }) =>
    wrong("webhooks", `${name} did not take the last alert: ${lastProblem?.why ?? "?"} (${lastProblem?.at ?? "?"})`, "sovereign-ledger alerts test"),
  )
  if (found.length > 0) return found
  const words = missing.length === 0 ? "" : `; ${missing.join(", ")} is not set here, only the gateway knows whether it is there`
  return [good("webhooks", `no alert was refused by who was to be told${words}`)]
}

function variablesIn(settings: Examined["host"]["settings"]): readonly string[] {
  const { notificationWebhook, alerts } = settings ?? {}
  const hooks = objectOf(alerts)["webhooks"]
  const urls = [notificationWebhook, ...(Array.isArray(hooks) ? hooks.map((one) => objectOf(one)["url"]) : [])]
  return urls.flatMap((url) => (objectOf(url)["source"] === "env" ? (stringOf(objectOf(url)["id"]) ?? []) : []))
}

/** A budget that cannot refuse is worse than none: somebody relies on it. */
function enforcement(access: LedgerAccess, { host, nowMs }: Examined): readonly Finding[] {
  const { budgets, downgradesWithout = [] } = budgetsNow(access, nowMs)
  const blocking = budgets.filter(({ rule }) => rule.mode === "block").map(({ rule }) => rule.name)
  const found = [
    ...(blocking.length > 0 && host.mayReadConversations === false
      ? [
          wrong(
            "enforcement",
            `${blocking.join(", ")} cannot refuse a run: without the permission to see conversations the host has no door before one`,
            grantCommand,
          ),
        ]
      : []),
    ...downgradesWithout.map((name) =>
      wrong("enforcement", `a downgrade names the budget ${name}, which is not there: it does nothing`, "sovereign-ledger budget list"),
    ),
    ...namedOnly(host.settings, new Set(budgets.map(({ rule }) => rule.name))).map((name) =>
      wrong("enforcement", `the budget ${name} stands in the settings and is not in force: no gateway has loaded them since`, "openclaw gateway restart"),
    ),
  ]
  return found.length > 0 ? found : [good("enforcement", budgets.length === 0 ? "there is no budget" : "what is to refuse can refuse")]
}

function namedOnly(settings: Examined["host"]["settings"], known: ReadonlySet<string>): readonly string[] {
  const written = settings?.["budgets"]
  const names = Array.isArray(written) ? written.flatMap((one) => stringOf(objectOf(one)["name"]) ?? []) : []
  return names.filter((name) => !known.has(name))
}

/** Who is asked and has not signed for a day, with something new to be signed. */
function stalled(access: LedgerAccess, { writer, nowMs }: Examined): readonly Finding[] {
  const isOld = (at: string | null) => at === null || nowMs - Date.parse(at) > silentMs
  const hasOld = nowMs - (access.reader.entry(0)?.header.timeMs ?? nowMs) > silentMs
  const anchors = anchorStandings(access, writer).filter(({ state, at, pending }) => state !== null && (pending ?? 0) > 0 && hasOld && isOld(at))
  const size = access.reader.size()
  const witnesses = witnessRows(access.reader.cosignatures.last(), writer).filter(
    ({ state, seenAt, seenSize }) => state !== null && seenSize < size && hasOld && isOld(seenAt),
  )
  const found = [
    ...anchors.map(({ authority, problem }) =>
      wrong("stalled", `${authority} has anchored nothing for a day${problem === null ? "" : `: ${problem}`}`, "sovereign-ledger anchors list"),
    ),
    ...witnesses.map(({ witness, problem }) =>
      wrong("stalled", `${witness} has cosigned nothing for a day${problem === null ? "" : `: ${problem}`}`, "sovereign-ledger witness check"),
    ),
  ]
  return found.length > 0 ? found : [good("stalled", "nobody who is asked to sign has gone silent")]
}
