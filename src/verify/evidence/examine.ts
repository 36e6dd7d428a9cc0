/** What is found in a file of whichever kind. Files come from anybody: whatever is in them, there is an answer. */
import { problemOf } from "../../base/fault.ts"
import type { ByteSource } from "../byte-source.ts"
import type { Finding, Look } from "./evidence.ts"
import { evidenceKinds } from "./kinds.ts"
import type { Pins } from "./pins.ts"
import { unknown, unreadable } from "./unknown.ts"

const lookBytes = 1 << 16

export async function examine(source: ByteSource, pins: Pins, onProgress?: (entries: number) => void): Promise<Finding> {
  try {
    const look = lookAt(source)
    const kind = evidenceKinds.find(({ isOne }) => isOne(look))
    return kind ? await kind.examine(source, pins, onProgress) : unknown(look)
  } catch (error) {
    // A fault of reading, a text that is not UTF-8, JSON nested deeper than the stack: not checked to its end, so nothing is said for it.
    return unreadable(problemOf(error))
  }
}

/** Asks of the signatures in a file what examining it will ask, as far as that is known before. */
export async function ask(source: ByteSource, pins: Pins): Promise<void> {
  try {
    const look = lookAt(source)
    await evidenceKinds.find(({ isOne }) => isOne(look))?.ask?.(source, pins)
  } catch {
    // Whatever is wrong with the file is found, and told, by who examines it.
  }
}

function lookAt(source: ByteSource): Look {
  const open = source.open()
  try {
    const room = Buffer.alloc(lookBytes)
    let begin = ""
    // Blank lines without an end hide nothing.
    do begin = room.toString("latin1", 0, open.next(room, 0))
    while (begin !== "" && !/[^\r\n]/.test(begin))
    return { begin, end: open.last(lookBytes).toString("latin1") }
  } finally {
    open.close()
  }
}
