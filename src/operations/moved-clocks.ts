/** Clocks that a test sets, by a file: `{"wallMs": 86400000, "uptimeMs": 0, "boot": "another"}` is added to what the machine's own show. */
import { readFileSync } from "node:fs"
import { systemClocks, type Clocks } from "../base/clock.ts"
import { objectOf, stringOf } from "../base/json.ts"

export function movedClocks(file: string): Clocks {
  const clocks = systemClocks()
  const told = () => objectOf(JSON.parse(readFileSync(file, "utf8")))
  const moved = (name: "wallMs" | "steadyMs" | "uptimeMs") => () => clocks[name]() + Number(told()[name] ?? 0)
  return { wallMs: moved("wallMs"), steadyMs: moved("steadyMs"), uptimeMs: moved("uptimeMs"), boot: stringOf(told()["boot"]) ?? clocks.boot }
}
