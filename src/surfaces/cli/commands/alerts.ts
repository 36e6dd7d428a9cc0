/** sovereign-ledger alerts test */
import { setTimeout as sleep } from "node:timers/promises"
import { stringOf } from "../../../base/json.ts"
import { alertLog, type AlertLogRow } from "../../../views/alert-log.ts"
import { plain } from "../../render/words.ts"
import { askWriter } from "../../socket/writer-link.ts"
import type { CommandContext, CommandRow } from "../command.ts"
import { linkOf } from "../ledger-order.ts"
import { reading } from "./events.ts"

const testWithinMs = 20_000
const lookEveryMs = 500

export const alertsTest: CommandRow = {
  path: "alerts test",
  summary: "Tell every receiver once, and see what becomes of it",
  help: `Sent whatever their severities and the quiet hours are. Whom to tell is known to the writer by a gateway that runs. Exit status: 0 everybody took it, 1 somebody did not.

Example:
  sovereign-ledger alerts test`,
  run: async (context) => {
    const { terminal, json } = context
    const { alert, receivers } = (await askWriter({ ...linkOf(context), program: undefined }, "test-alerts")) as Sent
    const outcomes = await outcomesOf(context, alert, receivers)
    const isGood = outcomes.every(({ what }) => what === "delivered")
    if (json) await terminal.write(`${JSON.stringify({ schemaVersion: 1, alert, outcomes })}\n`)
    else
      for (const { receiver, what, description } of outcomes)
        await terminal.write(`${plain(receiver)}: ${what === "delivered" ? "delivered" : plain(description)}\n`)
    return isGood ? 0 : 1
  },
}

type Sent = { readonly alert: string; readonly receivers: readonly string[] }
type Tested = { readonly receiver: string; readonly what: string; readonly description: string }

/** What stands on record of each when all are there, or time is over. */
async function outcomesOf(context: CommandContext, alert: string, receivers: readonly string[]): Promise<readonly Tested[]> {
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    const rows = await reading(context, (access) => Promise.resolve(alertLog(access, { sinceMs: undefined, limit: 1_000 })))
    const outcomes = receivers.map((receiver) =>
      outcomeOf(
        receiver,
        rows.find((row) => row.alert === alert && row.receiver === receiver),
      ),
    )
    if (waitedMs >= testWithinMs || outcomes.every(({ what }) => what !== "on its way")) return outcomes
    await sleep(lookEveryMs)
  }
}

function outcomeOf(receiver: string, row: AlertLogRow | undefined): Tested {
  return {
    receiver,
    what: row?.what ?? "on its way",
    description: stringOf(row?.description) ?? "no answer yet; sovereign-ledger alerts log shows it when there is one",
  }
}
