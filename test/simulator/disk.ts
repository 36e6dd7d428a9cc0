/**
 * A journal in memory that keeps what a commit gave it and nothing else, and dies where it is told to: before a commit is on disk, or after, when nobody has
 * heard of it yet. What a backup is taken of, and what is put back from one, is all of it.
 */
import type { NewEntry, SenderMarks } from "../../src/journal/journal.ts"

/** `read` is what the facts say, once somebody has read them. */
export type Kept = { readonly type: string; readonly facts: string; readonly scope: string; read?: object }
export type Copy = { readonly entries: readonly Kept[]; readonly marks: ReadonlyMap<string, number>; readonly snapshot: Snapshot | undefined }
export type Snapshot = { readonly next: number; readonly body: string }

/** Thrown by a commit that a process did not live to see, or to tell of. */
export const died = new Error("the process died")

export class Disk {
  /** Made by writers for owners, for as long as there is a schedule. */
  codes = 0
  entries: Kept[] = []
  marks = new Map<string, number>()
  snapshot: Snapshot | undefined
  /** Of the next commit. */
  dies: "before" | "after" | undefined

  append(entries: readonly NewEntry[], marks: SenderMarks): number {
    const { dies } = this
    this.dies = undefined
    if (dies === "before") throw died
    const first = this.entries.length
    for (const { type, factsText, scope } of entries) this.entries.push({ type, facts: String(factsText), scope: scope.name })
    for (const [sender, number] of marks) this.marks.set(sender, number)
    if (dies === "after") throw died
    return first
  }

  senderMark(sender: string): number {
    return this.marks.get(sender) ?? 0
  }

  copy(): Copy {
    return { entries: [...this.entries], marks: new Map(this.marks), snapshot: this.snapshot }
  }

  restore({ entries, marks, snapshot }: Copy): void {
    this.entries = [...entries]
    this.marks = new Map(marks)
    this.snapshot = snapshot
  }
}
