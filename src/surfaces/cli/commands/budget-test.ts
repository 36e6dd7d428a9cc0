/** sovereign-ledger budget test */
import { spawn } from "node:child_process"
import { Fault, problemOf } from "../../../base/fault.ts"
import { plain } from "../../render/words.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { credentialOption, sendOrder } from "../ledger-order.ts"

const budget = "budget-test"
const session = "agent:main:sovereign-ledger-budget-test"
const answerWithinMs = 120_000

export const budgetTest: CommandRow = {
  path: "budget test",
  summary: "See a real refusal: a run in your gateway that has no room, and costs nothing",
  options: [{ flags: "--openclaw <program>", words: "the host's command (default: openclaw)" }, credentialOption],
  help: `Sets a budget of no calls for one session that nobody uses, asks the gateway for a run in it, shows what a person would read, and removes the budget. No
request leaves for the model. Without a gateway the host runs the agent by itself, with the same doors.

Exit status: 0 the run was refused, 1 it was not, 2 it could not be asked for.

Example:
  sovereign-ledger budget test`,
  run: async (context, flags) => {
    const set = await sendOrder(context, flags, { do: "set-budget", budget, limits: ["0 calls"], per: "lifetime", match: [`session=${session}`] })
    if ("refused" in set) throw new Fault("budget.untested", { problem: set.refused.words })
    try {
      return await tell(context, await ask(flags))
    } finally {
      const removed = await sendOrder(context, flags, { do: "remove-budget", budget })
      if ("refused" in removed)
        context.terminal.note(`The budget ${budget} stays: ${plain(removed.refused.words)}. It matches no session but the one of this test.`)
    }
  },
}

type Answer = { readonly status: number | null; readonly said: string }

async function tell({ terminal, json }: CommandContext, { status, said }: Answer): Promise<number> {
  const words = /Sovereign Ledger stopped this [^"\\]*?budget-test\)/.exec(said)?.[0]
  const refused = words !== undefined && status !== 0
  if (json) {
    await terminal.write(`${JSON.stringify({ schemaVersion: 1, refused, words: words ?? null, hostStatus: status })}\n`)
  } else if (refused) {
    await terminal.write(
      `The run was refused, and no request left. Whoever asked reads:\n\n  ${plain(words)}\n\nThe refusal is on record: sovereign-ledger events list --type spend.refused\n`,
    )
  } else {
    terminal.note(
      `${terminal.colors.red("The run was NOT refused.")} sovereign-ledger status says what is not covered. The host said:\n${plain(said.slice(-1_000))}`,
    )
  }
  return refused ? 0 : 1
}

function ask(flags: Flags): Promise<Answer> {
  const program = String(flags["openclaw"] ?? "openclaw")
  const child = spawn(program, ["agent", "--session-key", session, "--message", "This run is to be refused by a budget of no calls.", "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: answerWithinMs,
  })
  let said = ""
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part: string) => (said += part))
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new Fault("budget.untested", { problem: `${program} could not be run: ${problemOf(error)}` }, error)))
    child.once("close", (status) => resolve({ status, said }))
  })
}
