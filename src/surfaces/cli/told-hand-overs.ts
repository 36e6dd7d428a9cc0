/** Hand-overs that somebody was told by another way than the file they lead to: as `key status --json` prints them, or as notes. */
import { readFileSync } from "node:fs"
import { Fault, problemOf } from "../../base/fault.ts"
import { objectOf } from "../../base/json.ts"
import { noteTexts, parseHandOver } from "../../format/hand-over.ts"

/** @throws {Fault} `cli.usage` when there are none in the file. */
export function toldHandOvers(file: string): readonly string[] {
  let text: string
  try {
    text = readFileSync(file, "utf8")
  } catch (error) {
    throw new Fault("cli.file-unreadable", { file, problem: problemOf(error) }, error)
  }
  const notes = parseHandOver(text) ? [text] : noteTexts(listIn(text))
  if (!notes) throw new Fault("cli.usage", { problem: `${file} has no hand-overs in it.` })
  return notes
}

function listIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : objectOf(value)["handOvers"]
  } catch {
    // Not JSON, so no list.
    return undefined
  }
}
