/** Is it recording, what is not covered, how much is there, is it sound. */
import { Fault } from "../../base/fault.ts"
import { buildVersion } from "../../version.ts"
import { statusExit, statusReport, type StatusReport } from "../../views/status.ts"
import { hostConfigOf, readStanding } from "../cli/host-config.ts"
import { runningWriter } from "../cli/running-writer.ts"
import { statusText } from "../render/status-text.ts"
import type { Asked, Question } from "./question.ts"

export const statusQuestion: Question = {
  path: "status",
  route: "status",
  schema: "status.schema.json",
  summary: "Is it recording, what is not covered, how much is there, is it sound",
  reportsFaults: true,
  help: `Works on a fresh install, beside a running gateway and without one.

Exit status: 0 normally, 1 when something that was set up fails.

Examples:
  sovereign-ledger status
  sovereign-ledger status --json | jq .integrity`,
  parameters: [],
  formats: [],
  ask: async (asked) => {
    const report = await statusNow(asked, asked.stays ? asked.access : undefined)
    return { body: report, exit: statusExit(report) === 0 ? 0 : 1, text: (look) => statusText(report, look) }
  },
}

export async function statusNow({ nowMs, place }: Pick<Asked, "nowMs" | "place">, access?: Asked["access"]): Promise<StatusReport> {
  const { files, clocks, socket, onProgress } = place
  const writer = await runningWriter(socket)
  const standing = readStanding(hostConfigOf(process.env, files.directory))
  const host = standing instanceof Fault ? null : standing
  const progress = onProgress ? { onProgress: onProgress("Counting") } : {}
  return statusReport({
    ...{ files, nowMs, clocks, version: buildVersion, writer, host, ...progress, ...(access ? { access } : {}) },
    get places() {
      return place.places
    },
  })
}
