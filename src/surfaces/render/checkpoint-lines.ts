/** Stored checkpoints as lines: when, over how many entries, the hash of all of them, who signed. */
import type { CheckpointView } from "../../views/checkpoints.ts"
import { plain } from "./words.ts"

export function checkpointLines(checkpoints: readonly CheckpointView[]): string {
  if (checkpoints.length === 0) return "No checkpoints.\n"
  const widest = Math.max(...checkpoints.map(({ size }) => String(size).length))
  return checkpoints.map((checkpoint) => `${lineOf(checkpoint, widest)}\n`).join("")
}

function lineOf({ storedAt, size, root, signer, cosigners }: CheckpointView, widest: number): string {
  const time = storedAt?.replace("T", " ").slice(0, 19) ?? ""
  const others = cosigners.length === 0 ? "" : `, cosigned by ${cosigners.map(plain).join(", ")}`
  return `${time}  ${String(size).padStart(widest)}  ${root}  ${plain(signer)}${others}`
}
