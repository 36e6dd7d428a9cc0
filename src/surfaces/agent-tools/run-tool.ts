/** Calls a tool for an agent. Whatever goes wrong is an answer: a sentence with what to do, and no word of where the ledger's files are. */
import { Fault, problemOf } from "../../base/fault.ts"
import type { JsonObject } from "../../base/json.ts"
import { plain } from "../render/words.ts"
import { ledgerAnchors } from "./ledger-anchors.ts"
import { ledgerChain, ledgerProof, ledgerRoot, ledgerTrees, ledgerVerify } from "./ledger-map.ts"
import { ledgerSpend } from "./ledger-spend.ts"
import { ledgerStatus } from "./ledger-status.ts"
import { parseParameters } from "./parse-parameters.ts"
import { receiptsExport } from "./receipts-export.ts"
import { receiptsQuery } from "./receipts-query.ts"
import { receiptsStatus } from "./receipts-status.ts"
import { receiptsVerify } from "./receipts-verify.ts"
import type { ToolName, ToolRow } from "./tool-list.ts"
import type { Tool, ToolContext } from "./tool.ts"

const tools: { readonly [N in ToolName]: Tool } = {
  "peac_receipts.status": receiptsStatus,
  "peac_receipts.export_bundle": receiptsExport,
  "peac_receipts.verify": receiptsVerify,
  "peac_receipts.query": receiptsQuery,
  "ledger.status": ledgerStatus,
  "ledger.spend": ledgerSpend,
  "ledger.root": ledgerRoot,
  "ledger.trees": ledgerTrees,
  "ledger.proof": ledgerProof,
  "ledger.verify": ledgerVerify,
  "ledger.chain": ledgerChain,
  "ledger.anchors": ledgerAnchors,
}

/** @param tell what the operator is told of an error that the agent is not. */
export function runTool(tool: ToolRow, told: unknown, context: ToolContext, tell: (words: string) => void): JsonObject {
  try {
    return tools[tool.name](parseParameters(tool, told), context)
  } catch (error) {
    if (error instanceof Fault && error.code === "tool.refused") return toolError(`${error.message} ${error.remedy}`)
    tell(error instanceof Fault ? `${error.message} ${error.remedy}` : problemOf(error))
    const code = error instanceof Fault ? error.code : "internal"
    return toolError(`The ledger cannot be read for this session at present (${code}). The operator sees why with: sovereign-ledger status.`)
  }
}

/** As agents and the host know a failed call. */
export function toolError(words: string): JsonObject {
  return { status: "error", error: plain(words) }
}
