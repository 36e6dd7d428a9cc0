/** Mistakes of delegation, each of which lets work stand still, be done by who should not, or be given out too often. */
import type { PlantedBug } from "../simulator/planted-bug.ts"

const tool = "src/policy/orchestrator/decide-tool.ts"
const course = "src/policy/orchestrator/decide-course.ts"
const evolve = "src/policy/orchestrator/evolve.ts"
const book = "src/operations/orchestrator/orchestrator-book.ts"

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "a second orchestrator is started",
    file: tool,
    from: 'if (binding) return after(refused(called, { why: "bound"',
    to: 'if (binding && false) return after(refused(called, { why: "bound"',
  },
  { name: "two are started at once", file: tool, from: "!isRepeat && isStarting(state, called)", to: "false" },
  { name: "a start that was asked about twice is refused", file: tool, from: "!isRepeat && isStarting(state, called)", to: "isStarting(state, called)" },
  { name: "a start of which nothing was heard is waited for without end", file: tool, from: "const startingMs = 120_000", to: "const startingMs = 1e15" },
  {
    name: "a front session is let work from its third attempt on",
    file: tool,
    from: "if (rule.enforceMainDelegation && !rule.mainTools.has(tool))",
    to: "if (rule.enforceMainDelegation && !rule.mainTools.has(tool) && called.run !== 'run-2')",
  },
  {
    name: "what is not wanted is enforced",
    file: tool,
    from: "if (rule.enforceMainDelegation && !rule.mainTools.has(tool))",
    to: "if (!rule.mainTools.has(tool))",
  },
  { name: "an orchestrator is refused three times", file: tool, from: "const refusedAttempts = 2", to: "const refusedAttempts = 3" },
  {
    name: "attempts are counted over all runs",
    file: "src/policy/orchestrator/state.ts",
    from: 'return `${run ?? "-"}|${session}|${tool}`',
    to: "return `${run === '' ? 1 : \"-\"}|${session}|${tool}`",
  },
  {
    name: "attempts are counted over all tools",
    file: "src/policy/orchestrator/state.ts",
    from: 'return `${run ?? "-"}|${session}|${tool}`',
    to: "return `${run ?? \"-\"}|${session}|${tool === '' ? 1 : '-'}`",
  },
  {
    name: "a question that is asked again counts as another attempt",
    file: tool,
    from: "const isRepeat = before?.call === call",
    to: "const isRepeat = before?.call === `${call}?`",
  },
  { name: "a result that was refused binds", file: course, from: "if (!accepted || child === undefined) {", to: "if (child === undefined) {" },
  {
    name: "an orchestrator is let go when its run ends well",
    file: course,
    from: 'if (outcome !== "ok" && outcome !== "unknown")',
    to: 'if (outcome !== "unknown")',
  },
  {
    name: "an orchestrator stays whatever became of it",
    file: course,
    from: 'if (outcome !== "ok" && outcome !== "unknown")',
    to: 'if (outcome === "deleted")',
  },
  {
    name: "a stop of the gateway lets go",
    file: course,
    from: '["new", "reset", "deleted", "idle", "daily"]',
    to: '["new", "reset", "deleted", "idle", "daily", "shutdown" as UnboundWhy]',
  },
  {
    name: "an end that is told twice is given out twice",
    file: course,
    from: "if (run !== undefined && state.counted.has(run)) return repeated(state, rule, ended)",
    to: "",
  },
  {
    name: "a word that was lost is never said",
    file: course,
    from: "if (retry?.id !== id || retry.outcome",
    to: "if (retry?.id !== `${id}?` || retry.outcome",
  },
  { name: "one is given out again too often", file: course, from: "if (before >= most ||", to: "if (before > most ||" },
  {
    name: "a success begins the count anew",
    file: evolve,
    from: "else setStatus(state, facts.child, facts.outcome, atMs)",
    to: "else { if (facts.outcome === 'ok') state.retries.clear(); setStatus(state, facts.child, facts.outcome, atMs) }",
  },
  {
    name: "what was switched off is given out again",
    file: course,
    from: "if (!rule.autoRetryFailedSubagents || !rule.outcomes.has(outcome))",
    to: "if (!rule.outcomes.has(outcome))",
  },
  { name: "what was ended by hand is given out again", file: course, from: "|| !rule.outcomes.has(outcome)) return", to: "|| outcome === 'ok') return" },
  {
    name: "workers of one that is gone are given out again",
    file: evolve,
    from: "if (spawner === orchestrator) state.workers.delete(child)",
    to: "void [child, spawner]",
  },
  { name: "one that was archived stays bound", file: tool, from: "if (!binding || !isArchived)", to: "if (true)" },
  {
    name: "one that was spoken to is taken for archived",
    file: evolve,
    from: "{ ...found, usedAtMs: atMs })\n}\n\nfunction setEnded",
    to: "{ ...found })\n}\n\nfunction setEnded",
  },
  { name: "a message is addressed to nobody", file: book, from: "? { fill: { set: { sessionKey: to } } } : {}", to: "? {} : {}" },
  {
    name: "a retry goes to another session",
    file: book,
    from: "const session = retry && this.#texts.key(retry.session)",
    to: "const session = retry && this.#texts.key(retry.child)",
  },
  {
    name: "a task has the contract in it when it is given out again",
    file: book,
    from: 'const task = spawn?.task ?? stringOf(params["task"])\n',
    to: "const task = `${spawn?.fill?.before ?? 'the contract'}${stringOf(params[\"task\"])}`\n",
  },
  {
    name: "all tasks have one count",
    file: book,
    from: '[spawner, agent, label ?? "", task.trim()]',
    to: "[spawner, agent, label ?? \"\", task === '' ? 1 : 2]",
  },
]
