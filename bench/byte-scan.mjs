/**
 * The least that somebody can do who looks for usage in transcripts: read every file line by line and count the lines in which the word stands.
 *
 *   node byte-scan.mjs STATE_DIRECTORY
 */
import { closeSync, openSync, readdirSync, readSync } from "node:fs"
import { join } from "node:path"

const state = process.argv[2] ?? ""
const buffer = Buffer.alloc(1024 * 1024)
let rows = 0
let lines = 0
const agents = join(state, "agents")
for (const agent of readdirSync(agents)) {
  const sessions = join(agents, agent, "sessions")
  for (const name of readdirSync(sessions)) scan(join(sessions, name))
}
process.stdout.write(`${rows} of ${lines} lines\n`)

/** @param {string} path */
function scan(path) {
  const file = openSync(path, "r")
  let kept = 0
  for (;;) {
    const read = readSync(file, buffer, kept, buffer.length - kept, null)
    if (read === 0) break
    const filled = kept + read
    let start = 0
    for (;;) {
      const end = buffer.indexOf(0x0a, start)
      if (end < 0 || end >= filled) break
      lines++
      if (buffer.subarray(start, end).includes('"usage":')) rows++
      start = end + 1
    }
    kept = filled - start
    buffer.copyWithin(0, start, filled)
  }
  closeSync(file)
}
