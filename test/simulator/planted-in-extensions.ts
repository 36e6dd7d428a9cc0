/** Mistakes in what an owner lets one run spend beyond a limit. */
import type { PlantedBug } from "./planted-bug.ts"

const ledger = "src/ledger"
const spend = "src/operations/spend"

export const plantedInExtensions: readonly PlantedBug[] = [
  { name: "an extension is good for more than one run", file: `${ledger}/extensions.ts`, from: "extension.run ??= draw.run", to: "" },
  {
    name: "another run draws",
    file: `${ledger}/lacks.ts`,
    from: "one.run === run && one.session === session\n  const waits",
    to: "one.session === session\n  const waits",
  },
  {
    name: "another session draws",
    file: `${ledger}/lacks.ts`,
    from: "one.run === undefined && session !== undefined && one.session === session",
    to: "one.run === undefined",
  },
  {
    name: "an extension never expires",
    file: `${ledger}/extensions.ts`,
    from: '(state === "asked" || state === "granted") && atMs < expiresAtMs',
    to: '(state === "asked" || state === "granted")',
  },
  {
    name: "nobody ends an extension whose time is over",
    file: `${spend}/ledger-book.ts`,
    from: "dueExtensions(this.state, atMs).flatMap",
    to: "dueExtensions(this.state, 0).flatMap",
  },
  { name: "what was not used is not given back", file: `${ledger}/evolve.ts`, from: "giveBack(state, hold.draw)", to: "" },
  { name: "what was drawn is never spent", file: `${ledger}/evolve.ts`, from: "if (drawn) spendDrawn(state, drawn)", to: "" },
  {
    name: "what is drawn is held in the budget, too",
    file: `${ledger}/evolve.ts`,
    from: "for (const [held, amounts] of borne(state, hold)) subtract(held, amounts)",
    to: "",
  },
  { name: "what was drawn is spent in the budget, too", file: `${ledger}/evolve.ts`, from: "without(actual, drawnFor(drawn, name))", to: "actual" },
  {
    name: "an answer that comes again counts again",
    file: `${ledger}/decide-extension.ts`,
    from: 'if (found.state === "asked" && isOpen(found, atMs)) return found',
    to: "if (isOpen(found, atMs)) return found",
  },
  {
    name: "an approval is good that comes too late",
    file: `${ledger}/decide-extension.ts`,
    from: 'if (found.state === "asked" && isOpen(found, atMs)) return found',
    to: 'if (found.state === "asked") return found',
  },
  { name: "a denial keeps what was held", file: `${ledger}/decide-extension.ts`, from: "reason } }, ...released]", to: "reason } }]" },
  {
    name: "what nobody approved is spent from an extension",
    file: `${ledger}/decide-close.ts`,
    from: "extension?.grantedAtMs === undefined && parts.length > 0",
    to: "extension === undefined && parts.length > 0",
  },
  {
    name: "an account owes afterwards what was let beyond it",
    file: `${ledger}/decide-close.ts`,
    from: "...(drawn ? allotted(hold, drawn, atMs) : [])",
    to: "",
  },
  { name: "more is drawn than is missing", file: `${ledger}/lacks.ts`, from: "missing[unit] = left > 0n ? need - left : need", to: "missing[unit] = need" },
  {
    name: "more is drawn than was approved",
    file: `${ledger}/lacks.ts`,
    from: "(missing[unit] ?? 0n) <= undrawn(extension, of, unit)",
    to: "0n <= undrawn(extension, of, unit)",
  },
  {
    name: "a tool that waits runs when it asks again",
    file: `${spend}/admit-tool.ts`,
    from: "if (before) return { events: [], ...questionOf(before, tool, book) }",
    to: "if (before) return { events: [] }",
  },
  {
    name: "a snapshot forgets whose an extension is",
    file: `${ledger}/extension-snapshot.ts`,
    from: "...(run === undefined ? {} : { run })",
    to: "...(run === undefined ? {} : {})",
  },
  {
    name: "a refused run is asked for under a new code each time",
    file: `${ledger}/decide-extension.ts`,
    from: "if (same) return",
    to: "if (same && !same) return",
  },
]
