/**
 * The host asks an owner whether a tool may run, in the place of a refusal. It calls `onResolution` right before the tool runs or is refused and does not wait for
 * it; what it was told is handed over there and then, ahead of all that is told of the tool, and kept while the writer is away.
 */
import type { GateAnswer } from "../surfaces/socket/protocol.ts"

export type ApprovalRequest = {
  readonly requireApproval: {
    readonly title: string
    readonly description: string
    readonly severity: "warning"
    readonly timeoutMs: number
    readonly allowedDecisions: readonly ["allow-once", "deny"]
    readonly onResolution: (decision: unknown) => void
  }
}

type Question = NonNullable<GateAnswer["ask"]>

export function approvalRequest(
  { extension, title, description, timeoutMs }: Question,
  tell: (told: { readonly extension: string; readonly decision: unknown }) => void,
): ApprovalRequest {
  const onResolution = (decision: unknown): void => tell({ extension, decision })
  return { requireApproval: { title, description, severity: "warning", timeoutMs, allowedDecisions: ["allow-once", "deny"], onResolution } }
}
