/** sovereign-ledger status */
import { Fault } from "../../../base/fault.ts"
import { buildVersion } from "../../../version.ts"
import { statusExit, statusReport, type StatusReport } from "../../../views/status.ts"
import { statusText } from "../../render/status-text.ts"
import type { CommandContext, CommandRow } from "../command.ts"
import { hostConfigOf, readStanding } from "../host-config.ts"
import { runningWriter } from "../running-writer.ts"

export const status: CommandRow = {
  path: "status",
  summary: "Is it recording, what is not covered, how much is there, is it sound",
  reportsFaults: true,
  help: `Works on a fresh install, beside a running gateway and without one.

Exit status: 0 normally, 1 when something that was set up fails.

Examples:
  sovereign-ledger status
  sovereign-ledger status --json | jq .integrity`,
  run: async (context) => {
    const report = await statusNow(context)
    await context.terminal.write(context.json ? `${JSON.stringify(report)}\n` : statusText(report, context.terminal))
    return statusExit(report)
  },
}

export async function statusNow(context: CommandContext): Promise<StatusReport> {
  const { files, nowMs, clocks, terminal } = context
  const writer = await runningWriter(context.socket)
  const standing = readStanding(hostConfigOf(process.env, files.directory))
  const host = standing instanceof Fault ? null : standing
  const question = { files, nowMs, clocks, version: buildVersion, writer, host, onProgress: terminal.progress("Counting") }
  return statusReport({
    ...question,
    get places() {
      return context.places
    },
  })
}
