/** Why prompts and answers are missing where the operator has not given the permission: a state that is known, told anew with each minute in which it mattered. */
export const noPermissionWords = "the host gives no access to conversations"

/** Events that could not be recorded: why, how many of each hook, and when the first and the last of them happened (ms since 1970 UTC). */
export type Gap = {
  readonly reason: string
  readonly byType: Readonly<Record<string, number>>
  readonly fromMs: number
  readonly toMs: number
  /** True when there may have been more than are counted: who could have counted them is gone. */
  readonly uncounted?: boolean
}
