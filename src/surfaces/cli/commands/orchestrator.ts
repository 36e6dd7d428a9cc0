/** sovereign-ledger orchestrator prompt */
import { Fault } from "../../../base/fault.ts"
import { builtInContract, builtInPrompt } from "../../../policy/orchestrator/texts.ts"
import type { CommandRow } from "../command.ts"

const builtIn: ReadonlyMap<string | undefined, string> = new Map([
  ["front", builtInPrompt],
  ["contract", builtInContract],
])

export const orchestratorPrompt: CommandRow = {
  path: "orchestrator prompt",
  summary: "A built-in text, to be changed in a file of your own",
  argument: { name: "<which>", words: "front: what front sessions are told; contract: what an orchestrator is told before its task" },
  help: `The settings promptFile and contractFile name the files whose texts are used instead. {maxRetries} and {requester} stand for the number of retries and the front session's key.

Examples:
  sovereign-ledger orchestrator prompt front > front.md
  sovereign-ledger orchestrator prompt contract --json`,
  run: async ({ terminal, json }, _flags, which) => {
    const text = builtIn.get(which)
    if (text === undefined)
      throw new Fault("cli.usage", { problem: `There is no text ${JSON.stringify(which)}; there are ${[...builtIn.keys()].join(" and ")}.` })
    await terminal.write(json ? `${JSON.stringify({ schemaVersion: 1, which, text })}\n` : `${text}\n`)
    return 0
  },
}
