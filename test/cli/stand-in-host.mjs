#!/usr/bin/env node
/** Answers what `openclaw` answers to the few commands that setup, doctor and uninstall give; the real one takes seconds for each, and has a suite of its own. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const home = process.env["HOME"] ?? ""
const file = process.env["OPENCLAW_CONFIG_PATH"] ?? join(home, ".openclaw", "openclaw.json")
const known = JSON.parse(readFileSync(join(home, "plugins.json"), "utf8"))
const words = process.argv.slice(2)
const config = () => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {})
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value)

function merged(base, patch) {
  const result = { ...(isObject(base) ? base : {}) }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = isObject(value) ? merged(result[name], value) : value
  }
  return result
}

const say = (text) => process.stdout.write(`${text}\n`)
const command = words.filter((word) => !word.startsWith("-")).join(" ")
if (command === "plugins list") say(JSON.stringify({ plugins: known.plugins }))
else if (command === "config get plugins") say(JSON.stringify(known.resolved ?? config().plugins))
else if (command === "config patch") {
  const patch = JSON.parse(readFileSync(0, "utf8"))
  if (known.refuses) {
    process.stderr.write(`${known.refuses}\n`)
    process.exitCode = 1
  } else if (!words.includes("--dry-run")) {
    if (!known.forgets) writeFileSync(file, JSON.stringify(merged(config(), patch)))
    writeFileSync(
      join(home, "written.json"),
      JSON.stringify([...(existsSync(join(home, "written.json")) ? JSON.parse(readFileSync(join(home, "written.json"), "utf8")) : []), patch]),
    )
  }
} else if (command === "plugins uninstall sovereign-ledger") {
  writeFileSync(join(home, "plugins.json"), JSON.stringify({ ...known, plugins: known.plugins.filter(({ id }) => id !== "sovereign-ledger") }))
  const now = config()
  const allow = now.plugins?.allow?.filter((id) => id !== "sovereign-ledger")
  writeFileSync(file, JSON.stringify(merged(now, { plugins: { ...(allow ? { allow } : {}), entries: { "sovereign-ledger": null } } })))
  writeFileSync(file, JSON.stringify(merged(config(), { plugins: { entries: { "sovereign-ledger": { enabled: false } } } })))
} else process.exitCode = 9
