/** What a setting is: `settings.ts` has one row for each. */
type SettingType = "string" | "integer" | "boolean" | "secret" | ListType | GuardType | SpendType
type ListType = "patterns" | "globs" | "witnesses" | "authorities" | "command"
type GuardType = "anomalies" | "scanCategories" | "contentDays" | "receipts" | "gate" | "orchestrator" | "alerts" | "webhook" | "webhookSecret"
type SpendType = "prices" | "toolPrices" | "budgets" | "allowances" | "breakers" | "downgrades" | "ask"

export type SettingRow = {
  readonly name: string
  readonly type: SettingType
  readonly default: string | number | boolean | readonly string[] | Readonly<Record<string, never>> | undefined
  readonly bounds?: { readonly min: number; readonly max: number }
  /** One sentence for the operator. */
  readonly words: string
}
