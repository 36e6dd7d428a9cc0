/** Takes a lock as often as it is told to and says whether it ever was not alone with it: `node passing-lock.ts PATH TIMES`. Alone is who makes a directory that is not there. */
import { mkdirSync, rmdirSync } from "node:fs"
import { tryPassingLock } from "../../src/vault/lock.ts"

const [path = "", times = "0"] = process.argv.slice(2)
let others = 0
for (let taken = 0; taken < Number(times);) {
  const lock = tryPassingLock(path)
  if (!lock) continue
  try {
    mkdirSync(`${path}.held`)
    rmdirSync(`${path}.held`)
  } catch {
    others++ // somebody else holds it, too
  }
  taken++
  lock.release()
}
process.stdout.write(others === 0 ? "alone\n" : `${others} times with another\n`)
