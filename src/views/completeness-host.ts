/** What `completeness` needs to know of the host. The readers of its stores are the host's folder; the composition root hands them in. */

export type HostModelCall = {
  readonly agent: string
  readonly session: string
  readonly message: string | undefined
  readonly run: string | undefined
  readonly response: string | undefined
  readonly provider: string | undefined
  readonly model: string | undefined
  /** The row's name, which our record has too; undefined when the row tells no tokens. */
  readonly row: string | undefined
  readonly atMs: number
}

export type HostToolCall = {
  /** `asked` is the model's wish; anything else says that the host dealt with the call. */
  readonly evidence: "asked" | "result" | "nested" | "trajectory" | "audit started" | "audit finished"
  readonly run: string | undefined
  readonly call: string | undefined
  readonly callSha256: string
  readonly tool: string | undefined
  readonly atMs: number
}

export type HostRun = { readonly agent: string | undefined; readonly run: string; readonly atMs: number }

export type HostStore = {
  readonly name: string
  readonly path: string
  readonly state: "read" | "absent" | "refused" | "unreadable"
  readonly schemaVersion: number | null
  readonly problem: string | null
  readonly rows: number
  readonly unreadableRows: number
}

export type HostRecords = {
  readonly stores: readonly HostStore[]
  readonly modelCalls: readonly HostModelCall[]
  readonly toolCalls: readonly HostToolCall[]
  readonly runs: readonly HostRun[]
}

/** Reads the host's stores; the composition root hands it in. Times are half open. */
export type ReadHost = (stateDirectory: string, range: { readonly fromMs: number; readonly toMs: number }) => HostRecords

export const kinds = ["model call", "tool call", "run"] as const
export type Kind = (typeof kinds)[number]
