/** Texts that an operator put in the places of the built-in prompts. A file that cannot be read is told of, and changes nothing: a turn does not end for want of it. */
import { readFileSync, statSync } from "node:fs"
import { problemOf } from "../base/fault.ts"
import type { OrchestratorRule } from "../policy/orchestrator/orchestrator-rule.ts"
import type { OrchestratorTexts } from "../policy/orchestrator/orchestrator-setting.ts"

const longestBytes = 64 * 1024

export function promptFiles({ promptFile, contractFile }: OrchestratorRule, warn: (sentence: string) => void): OrchestratorTexts {
  const [prompt, contract] = [textOf(promptFile, warn), textOf(contractFile, warn)]
  return { ...(prompt === undefined ? {} : { prompt }), ...(contract === undefined ? {} : { contract }) }
}

function textOf(path: string, warn: (sentence: string) => void): string | undefined {
  if (path === "") return undefined
  try {
    const size = statSync(path).size
    if (size > longestBytes) throw new Error(`it has ${size} bytes, and may have ${longestBytes}`)
    const text = readFileSync(path, "utf8").trim()
    if (text === "") throw new Error("it is empty")
    return text
  } catch (error) {
    warn(`[sovereign-ledger] The prompt ${path} cannot be read (${problemOf(error)}); the built-in one is used. Mend the file and reload the plugin.`)
    return undefined
  }
}
