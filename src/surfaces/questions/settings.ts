/** Every setting, as the host's configuration has it; what is secret, or leads to somebody, only whether it is set. */
import { settingsIn, type SettingView } from "../../config.ts"
import { objectOf } from "../../base/json.ts"
import { hostConfigOf, readHostConfig } from "../cli/host-config.ts"
import { plain } from "../render/words.ts"
import type { Look } from "../cli/terminal.ts"
import { bodyOf, type Question } from "./question.ts"

export const settingsQuestion: Question = {
  path: "settings",
  route: "settings",
  schema: "settings.schema.json",
  summary: "Every setting: what it is set to, what it is if nobody sets it, and what it does",
  help: `They stand in the host's configuration, under plugins.entries.sovereign-ledger.config, and are changed there: openclaw config set. What is secret is never
shown, nor are addresses of web hooks: only that they are set.

Example:
  sovereign-ledger settings --json | jq '.settings[] | select(.isSet) | {name, value}'`,
  parameters: [],
  formats: [],
  ask: (asked) => {
    const file = hostConfigOf(process.env, asked.place.files.directory)
    const entries = objectOf(objectOf(objectOf(readHostConfig(file))["plugins"])["entries"])
    const settings = settingsIn(objectOf(entries["sovereign-ledger"])["config"])
    return { body: { ...bodyOf(asked), file, settings }, text: (look) => settings.map((one) => lineOf(one, look)).join("") }
  },
}

function lineOf({ name, value, isSet, words }: SettingView, { colors }: Look): string {
  const told = value === null ? "not set" : typeof value === "string" ? value : JSON.stringify(value)
  return `${isSet ? colors.bold(name) : name}  ${isSet ? colors.green(plain(told)) : colors.dim(plain(told))}\n  ${colors.dim(words)}\n`
}
