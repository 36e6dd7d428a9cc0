/** What a client's settings say of delegation, read once, with the texts that stand in an operator's files. */
import { objectOf, stringOf } from "../../base/json.ts"
import { parseOrchestrator, type OrchestratorRule } from "./orchestrator-rule.ts"

export type OrchestratorTexts = { readonly prompt?: string; readonly contract?: string }
export type OrchestratorSetting = { readonly rule: OrchestratorRule; readonly texts: OrchestratorTexts }

/** As it crosses from a gateway to the writer, and stands in the record of its settings. */
export type OrchestratorJson = { readonly written: unknown; readonly texts?: OrchestratorTexts }

const longestText = 64 * 1024

/** Undefined where it is off. @throws {Fault} `config.invalid` */
export function orchestratorSetting(told: unknown): OrchestratorSetting | undefined {
  const { written, texts } = objectOf(told)
  const rule = parseOrchestrator(written)
  return rule?.enabled === true ? { rule, texts: textsOf(texts) } : undefined
}

function textsOf(told: unknown): OrchestratorTexts {
  const { prompt, contract } = objectOf(told)
  const text = (value: unknown) => stringOf(value)?.slice(0, longestText)
  const [ofPrompt, ofContract] = [text(prompt), text(contract)]
  return { ...(ofPrompt === undefined ? {} : { prompt: ofPrompt }), ...(ofContract === undefined ? {} : { contract: ofContract }) }
}
