/** What an operator wants of the scanner: whether it looks at arguments, and which findings refuse a tool call. */
import { Fault } from "../base/fault.ts"
import { objectOf } from "../base/json.ts"
import { scanCategories } from "./row.ts"

export type ScanRule = {
  readonly toolArgs: boolean
  /** Categories. */
  readonly block: readonly string[]
}

export const usualScan: ScanRule = { toolArgs: true, block: [] }

export function isUsualScan({ toolArgs, block }: ScanRule): boolean {
  return toolArgs && block.length === 0
}

/** @throws {Fault} `config.invalid` */
export function parseScanCategories(written: unknown): readonly string[] {
  const refuse = (problem: string): never => {
    throw new Fault("config.invalid", { setting: "scan.block", problem })
  }
  if (!Array.isArray(written)) return refuse('it must be a list such as ["shell", "exfiltration"]')
  for (const one of written as readonly unknown[])
    if (!(scanCategories as readonly unknown[]).includes(one)) return refuse(`${JSON.stringify(one)} is no category; they are ${scanCategories.join(", ")}`)
  return written as readonly string[]
}

/** @throws {Fault} `config.invalid` where findings should refuse what nobody looks at. */
export function scanRule(toolArgs: boolean, block: readonly string[]): ScanRule {
  if (!toolArgs && block.length > 0)
    throw new Fault("config.invalid", {
      setting: "scan.block",
      problem: "arguments are not scanned (scanToolArgs is false), so nothing could be refused for them",
    })
  return { toolArgs, block }
}

/** Of settings as they came over the socket: what cannot be read refuses every finding. */
export function scanRuleOf(told: unknown): ScanRule {
  const { toolArgs, block } = objectOf(told)
  const named = Array.isArray(block) ? (block as readonly unknown[]).filter((one) => typeof one === "string") : undefined
  return { toolArgs: toolArgs !== false, block: named ?? scanCategories }
}

/** What the model and the user read when a call is refused for what was found in it. */
export function findingWords(tool: string, { check, category, line }: { readonly check: string; readonly category: string; readonly line: number }): string {
  return `Sovereign Ledger refused ${tool}: its arguments look like an attack (${check}, line ${line}), and the operator's setting scan.block names ${category}. This refusal is on record; do it in another way, or ask the operator to do it.`
}
