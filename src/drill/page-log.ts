/** Which pages a write-ahead log holds (https://www.sqlite.org/fileformat2.html#the_write_ahead_log): its frames name them in plain text, also when pages are sealed. */
import { existsSync, readFileSync } from "node:fs"

const headerBytes = 32
const frameHeaderBytes = 24

export function logName(journal: string): string {
  return `${journal}-wal`
}

/** Each page once, in the order of the file. */
export function loggedPages(journal: string): readonly { readonly offset: number; readonly sizeBytes: number }[] {
  if (!existsSync(logName(journal))) return []
  const log = readFileSync(logName(journal))
  if (log.length < headerBytes) return []
  const sizeBytes = log.readUInt32BE(8)
  const numbers = new Set<number>()
  for (let at = headerBytes; at + frameHeaderBytes + sizeBytes <= log.length; at += frameHeaderBytes + sizeBytes) numbers.add(log.readUInt32BE(at))
  return [...numbers].sort((a, b) => a - b).map((number) => ({ offset: (number - 1) * sizeBytes, sizeBytes }))
}
