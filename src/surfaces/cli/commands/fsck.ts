/** sovereign-ledger fsck */
import { inspectExit, inspectStore } from "../../../journal/inspect-store.ts"
import { inspectText } from "../../render/inspect-text.ts"
import type { CommandRow } from "../command.ts"

export const fsck: CommandRow = {
  path: "fsck",
  summary: "Explain the state of the files: what is damaged, which entries that touches, what can still be read, what to do",
  reportsFaults: true,
  help: `Looks past damage, file by file and table by table, and always ends with a report. It changes nothing, and does not ask whether the entries are
the ones that were signed: that is what verify says.

Exit status: 0 sound, 1 something is damaged, 2 something could not be looked at (a key or a file is missing).

Example:
  sovereign-ledger fsck`,
  run: async (context) => {
    const { files, terminal, nowMs } = context
    const report = inspectStore(files, () => context.places, terminal.progress("Looking"))
    const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), directory: files.directory, ...report }
    await terminal.write(context.json ? `${JSON.stringify(body)}\n` : inspectText(report, files.directory, terminal))
    return inspectExit[report.state]
  },
}
