/** The map of event ids: which maps there are, and the entries of a conversation with the places they have in it. */
import { chainOf, mapView, refuseOtherTree } from "../../views/event-map.ts"
import { chainLines, mapLines } from "../render/map-text.ts"
import { words } from "./parameter.ts"
import { bodyOf, type Question } from "./question.ts"

const tree = words({ name: "tree", as: "key", words: "this map, by its name or how it begins, as smt trees shows it; a ledger has one" })

export const treesQuestion: Question = {
  path: "smt trees",
  route: "trees",
  schema: "trees.schema.json",
  summary: "The maps of event ids that this ledger has: one, by its name",
  parameters: [],
  formats: [],
  help: `A map is named by what its keys are made with, the id salt of the ledger, which never changes: so there is one, and each proof of any time is of it.

Example:
  sovereign-ledger smt trees`,
  ask: (asked) => {
    const map = mapView(asked.access())
    return { body: { ...bodyOf(asked), trees: [map] }, text: () => mapLines(map) }
  },
}

export const chainQuestion: Question = {
  path: "smt chain",
  route: "smt/chain/:session",
  schema: "chain.schema.json",
  summary: "The entries of one session in order, with their hashes and whether each is the first of its id",
  argument: { name: "<session>", words: "the session's key, as events list shows it" },
  parameters: [tree],
  formats: [],
  help: `Of each entry its place, its type, its id and its leaf hash: the one that stands in the map under this id, unless an earlier entry has the same.

Examples:
  sovereign-ledger smt chain agent:main:main
  sovereign-ledger smt chain agent:main:main --json | jq -r '.entries[].id'`,
  ask: (asked, values, session) => {
    const access = asked.access()
    refuseOtherTree(access, values["tree"] as string | undefined)
    const chain = chainOf(access, session)
    return { body: { ...bodyOf(asked), ...chain }, text: () => chainLines(chain) }
  },
}
