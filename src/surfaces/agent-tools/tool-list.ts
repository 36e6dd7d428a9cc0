/**
 * The tools that agents have: one table for the host's door and for that of the Model Context Protocol. Names and parameters of those for receipts are what
 * agents know from the PEAC adapter of OpenClaw; a tool is looked up in `run-tool.ts`. Kept apart from what the tools do, which a gateway does not load.
 */
import { ledgerTools } from "./ledger-tool-list.ts"

export type ParameterSchema = {
  readonly type: "string" | "integer"
  readonly description: string
  readonly enum?: readonly string[]
  /** Characters; 1,024 where it is left out. */
  readonly maxLength?: number
}

export type ToolSchema = {
  readonly type: "object"
  readonly properties: Readonly<Record<string, ParameterSchema>>
  readonly required?: readonly string[]
}

export type ToolRow<N extends string = ToolName> = {
  readonly name: N
  readonly title: string
  readonly description: string
  readonly parameters: ToolSchema
  readonly writes: boolean
}

type ReceiptToolName = "peac_receipts.status" | "peac_receipts.export_bundle" | "peac_receipts.verify" | "peac_receipts.query"
export type ToolName = ReceiptToolName | (typeof ledgerTools)[number]["name"]

export const receiptStatuses = ["ok", "error", "timeout", "canceled"] as const
export const defaultResults = 100
export const mostResults = 500

const since = { type: "string", description: "Only of actions that ended at or after this RFC 3339 time" } as const
const until = { type: "string", description: "Only of actions that ended before this RFC 3339 time" } as const
const workflow = { type: "string", description: "Only of this run (the workflow_id of its receipts)" } as const

const receiptTools: readonly ToolRow<ReceiptToolName>[] = [
  {
    name: "peac_receipts.status",
    title: "Receipts of this session",
    description: "How many signed PEAC receipts this session's actions have, since when, and whether more are issued",
    parameters: { type: "object", properties: {} },
    writes: false,
  },
  {
    name: "peac_receipts.export_bundle",
    title: "Export receipts of this session",
    description: "Write this session's receipts as a signed bundle into a new directory (receipts.peacbundle, manifest.json), for somebody who audits it",
    parameters: {
      type: "object",
      properties: {
        workflow_id: workflow,
        since,
        until,
        output_path: { type: "string", description: "New directory below the workspace (default: peac-bundle-{timestamp})" },
      },
    },
    writes: true,
  },
  {
    name: "peac_receipts.verify",
    title: "Verify receipts",
    description: "Check a receipt (.jws), a .peacbundle, or a directory that export_bundle wrote, offline",
    parameters: {
      type: "object",
      properties: {
        path: { type: "string", description: "File or directory below the workspace" },
        jwks_path: { type: "string", description: "JWKS file below the workspace with the issuer's public keys (default: the keys of this ledger)" },
      },
      required: ["path"],
    },
    writes: false,
  },
  {
    name: "peac_receipts.query",
    title: "Query receipts of this session",
    description: "List this session's receipts, newest first: ids, digests, names, times and outcomes, no contents",
    parameters: {
      type: "object",
      properties: {
        workflow_id: workflow,
        tool_name: { type: "string", description: "Only of this tool" },
        since,
        until,
        status: { type: "string", enum: receiptStatuses, description: "Only with this outcome" },
        limit: { type: "integer", description: `Most results (default: ${defaultResults}, at most ${mostResults})` },
        offset: { type: "integer", description: "Leave out that many of the newest" },
      },
    },
    writes: false,
  },
]

export const agentTools: readonly ToolRow[] = [...receiptTools, ...ledgerTools]

/** Those that there are only while receipts are on. */
export function isOfReceipts({ name }: Pick<ToolRow, "name">): boolean {
  return receiptTools.some((tool) => tool.name === name)
}

export function toolNamed(name: unknown): ToolRow | undefined {
  return agentTools.find((tool) => tool.name === name)
}

/** Providers of models take letters, digits, _ and - in the names of tools, and answer a request that has others with an error. */
export function plainName(name: ToolName): string {
  return name.replaceAll(".", "_")
}

/** All names that a host may be given. */
export const hostNames: readonly string[] = agentTools.flatMap(({ name }) => [name, plainName(name)])
