/** The master key, and where the ledger is: what the shared flags name is written into the plugin's settings, or the gateway would look elsewhere. */
import { resolve } from "node:path"
import { stringOf, type JsonObject } from "../../../../base/json.ts"
import { parseKeyCommand } from "../../../../vault/key-command.ts"
import type { Flags } from "../../command.ts"
import { settingPatch, together } from "../patch.ts"
import { settingsIn, type Question } from "../question.ts"
import { oneOf } from "./permissions.ts"

export const places: Question = {
  name: "places",
  options: [],
  told: ({ flags }) => ({ patch: placesPatch(flags) }),
  shown: (config) => {
    const { dataDir, keyFile, headNote, socket } = settingsIn(config)
    const named = Object.entries({ dataDir, keyFile, headNote, socket }).flatMap(([name, value]) => (typeof value === "string" ? [`${name} ${value}`] : []))
    return named.length === 0 ? undefined : named.join(", ")
  },
}

function placesPatch(flags: Flags): JsonObject {
  const files = ["dataDir", "keyFile", "headNote", "socket"].flatMap((name) => {
    const given = stringOf(flags[name])
    return given === undefined ? [] : [settingPatch(name, resolve(given))]
  })
  const command = stringOf(flags["keyCommand"])
  return together([...files, ...(command === undefined ? [] : [settingPatch("keyCommand", parseKeyCommand(command))])])
}

export const key: Question = {
  name: "key",
  options: [
    {
      flags: "--key <answer>",
      words: "create: make the master key where --key-file or --key-command say, if there is none; skip: leave that to key create (with --yes: create)",
    },
  ],
  told: ({ flags, isSetUp }) => {
    const told = oneOf(flags, "key", ["create", "skip"])
    return told === undefined ? undefined : told === "create" && !isSetUp ? { createKey: true } : {}
  },
  ask: async (asker, known) => {
    if (known.isSetUp) return {}
    const file = known.context.keyFileFor("LEDGER-ID")
    const how = await asker.choose(
      "Where is the master key to be? It opens the record; without it nobody reads it, you included.",
      [
        { value: "file", label: "In a new key file", hint: `${file}, which only you can read` },
        { value: "command", label: "A program prints it", hint: "a password manager, or a key service" },
        { value: "skip", label: "Not now", hint: "nothing is recorded until sovereign-ledger key create" },
      ],
      "file",
    )
    if (how !== "command") return how === "file" ? { createKey: true } : {}
    const typed = await asker.text('The program, or its words as a list: ["pass", "show", "ledger"]', "", (text) => (text === "" ? "It is empty." : undefined))
    return { createKey: true, patch: settingPatch("keyCommand", parseKeyCommand(typed)) }
  },
  usual: ({ isSetUp }) => (isSetUp ? {} : { createKey: true }),
  shown: (config, known, { createKey }) => {
    if (known.isSetUp) return `the ledger is in ${known.context.files.directory}`
    if (createKey !== true) return "no ledger yet, and nothing is recorded: sovereign-ledger key create"
    return Array.isArray(settingsIn(config)["keyCommand"]) ? "the ledger is made, under the key that a program prints" : "a ledger and its key are made"
  },
}
