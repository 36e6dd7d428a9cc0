/** What of watched files could not be recorded, as gaps: told when there is more of it than was told before. */
import type { NewEvent } from "../../format/event.ts"

export type Missed = {
  /** Changes that others came over before there was room to record them; only grows. */
  readonly unrecorded: number
  /** Files and directories that may not be read now. */
  readonly unreadable: number
  /** Files that are too many to be watched now. */
  readonly beyond: number
}

export const missedWords: { readonly [M in keyof Missed]: string } = {
  unrecorded: "files changed faster than they are recorded",
  unreadable: "watched files that may not be read",
  beyond: "more files than are watched",
}

export function gapOf(told: Missed, missed: Missed, atMs: number): readonly NewEvent<"capture.gap">[] {
  return (["unrecorded", "unreadable", "beyond"] as const).flatMap((what) => {
    const count = missed[what] - told[what]
    if (count <= 0) return []
    const reason = missedWords[what]
    return [
      {
        type: "capture.gap" as const,
        id: `capture.gap:${what}/${atMs}`,
        facts: { reason, count, byType: { "file.changed": count }, fromMs: atMs, toMs: atMs },
      },
    ]
  })
}
