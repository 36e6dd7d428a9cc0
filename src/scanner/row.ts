/** A row of the table: what is looked for, in what, and how bad it is. */

export type ScanCategory = "shell" | "exfiltration" | "obfuscation" | "prompt-injection" | "jailbreak" | "secrets" | "environment" | "dynamic-code"

export type ScanSeverity = "medium" | "high"

/** Where a text comes from. */
export type ScanSource = "args" | "result" | "message" | "file"

export type ScanRow = {
  readonly check: string
  readonly category: ScanCategory
  readonly severity: ScanSeverity
  readonly on: readonly ScanSource[]
  /** One of them is enough; `pattern.ts` says how they are read. */
  readonly patterns: readonly string[]
  /** Words with which what was begun is no match. */
  readonly not?: string
  /** All of it stands in one line. */
  readonly inLine?: true
  /** A match is only a place to look at: a `secret` is known by its shape; `codes` of characters are read as the text they stand for. */
  readonly place?: "secret" | "codes"
}

export const does: readonly ScanSource[] = ["args", "file"]
export const anywhere: readonly ScanSource[] = ["args", "result", "message", "file"]

export const scanCategories: readonly ScanCategory[] = [
  "shell",
  "exfiltration",
  "obfuscation",
  "prompt-injection",
  "jailbreak",
  "secrets",
  "environment",
  "dynamic-code",
]
