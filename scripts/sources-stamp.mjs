/** What tells whether the sources have changed: names, sizes and times of all files. Plain JavaScript, because processes that only look import it. */
import { createHash } from "node:crypto"
import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"

const sources = join(import.meta.dirname, "../src")

/** Two milliseconds for five hundred files. */
export function sourcesStamp() {
  const hash = createHash("sha256")
  for (const entry of readdirSync(sources, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const { size, mtimeMs } = statSync(path)
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  return hash.digest("hex")
}
