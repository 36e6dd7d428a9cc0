/** What a host's agents are made of, and whether it is on record as it is. */
import { Fault } from "../../base/fault.ts"
import { artefactsOf } from "../../inventory/artefacts.ts"
import type { ArtefactKind } from "../../inventory/kinds.ts"
import { inventoryCounts, inventoryOf } from "../../views/inventory.ts"
import type { LedgerAccess } from "../../views/ledger-access.ts"
import { sheetPage } from "../page/sheet-page.ts"
import { inventoryCsv, inventorySheet, kindWords } from "../render/inventory-sheet.ts"
import { sheetText } from "../render/sheet.ts"
import { placesOfHost } from "./host-places.ts"
import { whole, words, wrong } from "./parameter.ts"
import { bodyOf, type Asked, type Question } from "./question.ts"

const names = Object.values(kindWords)

export const inventoryQuestion: Question = {
  path: "inventory",
  route: "inventory",
  schema: "inventory.schema.json",
  summary: "Plugins, skills, tools, workspace files and jobs: what is there, since when, and whether it is on record as it is",
  argument: { name: "[kind]", words: `${names.join(", ")}; without one, how many there are of each` },
  parameters: [
    words({ name: "kind", as: "kind", words: "the same as the argument" }, kindIn),
    whole({ name: "limit", words: "most rows (default 10,000)", most: 100_000, default: 10_000 }),
  ],
  formats: ["html", "csv"],
  help: `As the host resolves it: skills from every load root in its order, the first of a name; plugins from its own index; jobs from its own store. What was there and is gone
stays listed. The hash is the SHA-256 of a file; of several, that of \`find . -type f | sort | xargs sha256sum\`; of a job or a server of tools, that of its definition as canonical JSON.

recorded: yes, the record has it as it is now; no, it has not, or otherwise: a change of this moment, or of a time when no gateway ran; not watched, it comes with the host.

Examples:
  sovereign-ledger inventory
  sovereign-ledger inventory skills
  sovereign-ledger inventory plugins --json | jq '.rows[] | select(.recorded == "no")'
  sovereign-ledger inventory crons --csv > jobs.csv`,
  ask: (asked, values, argument) => {
    const told = argument === "" ? undefined : kindIn(argument)
    const kind = told ?? (values["kind"] as ArtefactKind | undefined)
    if (told !== undefined && values["kind"] !== undefined && values["kind"] !== told) throw wrong("The kind is given twice.")
    const limit = values["limit"] as number
    const places = placesOfHost(asked.place)
    const { artefacts, problem } = artefactsOf(places)
    const all = inventoryOf(artefacts, accessIn(asked))
    const rows = kind === undefined ? null : all.filter((row) => row.kind === kind)
    const inventory = {
      ...{ kind: kind ?? null, limit, host: places.stateDirectory, problem, counts: inventoryCounts(all) },
      ...{ total: rows?.length ?? null, truncated: (rows?.length ?? 0) > limit, rows: rows?.slice(0, limit) ?? null },
    }
    return {
      body: { ...bodyOf(asked), ...inventory },
      text: (look) => sheetText(inventorySheet(inventory), look),
      html: () => sheetPage(inventorySheet(inventory)),
      csv: () => inventoryCsv(inventory),
    }
  },
}

/** Undefined where there is no ledger yet. */
function accessIn({ access }: Asked): LedgerAccess | undefined {
  try {
    return access()
  } catch (error) {
    if (error instanceof Fault && error.code === "store.absent") return undefined
    throw error
  }
}

function kindIn(text: string): ArtefactKind {
  const found = (Object.keys(kindWords) as ArtefactKind[]).find((kind) => kindWords[kind] === text)
  if (found === undefined) throw wrong(`kind is ${names.join(", ")}, not "${text.slice(0, 80)}".`)
  return found
}
