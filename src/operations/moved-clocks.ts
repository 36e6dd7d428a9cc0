/**
 * Clocks that a test sets, by a file: `{"wallMs": 86400000, "uptimeMs": 0, "boot": "another"}` is added to what the machine's own show; with `"stands": true` it
 * is all they show, until the file says something else.
 */
import { readFileSync } from "node:fs"
import { systemClocks, type Clocks } from "../base/clock.ts"
import { objectOf, stringOf } from "../base/json.ts"

export function movedClocks(file: string): Clocks {
  const clocks = systemClocks()
  const read = () => objectOf(JSON.parse(readFileSync(file, "utf8")))
  let [told, isOfThisTurn] = [read(), false]
  // Clocks that are compared with each other are read at one moment: once in a turn of the event loop.
  const now = () => {
    if (isOfThisTurn) return told
    isOfThisTurn = true
    setImmediate(() => (isOfThisTurn = false))
    return (told = read())
  }
  const moved = (name: "wallMs" | "steadyMs" | "uptimeMs") => () => (now()["stands"] === true ? 0 : clocks[name]()) + Number(now()[name] ?? 0)
  return { wallMs: moved("wallMs"), steadyMs: moved("steadyMs"), uptimeMs: moved("uptimeMs"), boot: stringOf(told["boot"]) ?? clocks.boot }
}
