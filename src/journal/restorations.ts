/** What a verification says of a ledger that was put back from a copy, and goes on by its operator's word. */
import { basename } from "node:path"
import { headerOffset } from "../format/header.ts"

const typeBytes = Buffer.from("ledger.restored")

export function isRestoration(header: Buffer): boolean {
  return header.length === headerOffset.type + typeBytes.length && header.compare(typeBytes, 0, typeBytes.length, headerOffset.type) === 0
}

export function restoredWords(sequence: number): string {
  return `#${sequence} says that this ledger was put back from a copy, or went on in two places: what was recorded after the copy was made is not in it.`
}

export function keptWords(path: string): string {
  return `${basename(path)} is a checkpoint of entries that are not in this ledger: it was set aside when the operator went on.`
}
