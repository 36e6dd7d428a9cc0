/** The rows of a batch, for whoever counts them where they were read. */
import { runKinds } from "../../format/facts/history.ts"
import { rowNameLength } from "../../format/row-name.ts"
import { columnsIn, unseenReasons, type Columns, type UsageBatch, type UsageRow } from "./batch.ts"

export function rowsOf({ ids, count, columns: text, names, responses }: Omit<UsageBatch, "source" | "place" | "inherited">): readonly UsageRow[] {
  const columns = columnsIn(text, count)
  return Array.from({ length: count }, (_, index): UsageRow => {
    const at = (name: keyof Columns) => columns[name][index] ?? 0
    const told = (name: keyof Columns) => (at(name) < 0 ? undefined : at(name))
    const [provider, model, api] = names.models[at("model")] ?? ["", "", ""]
    return {
      row: ids.slice(index * rowNameLength, (index + 1) * rowNameLength),
      atMs: at("atMs"),
      latencyMs: told("latencyMs"),
      provider,
      model,
      api,
      stopReason: names.stops[at("stop")] ?? "",
      input: at("input"),
      output: at("output"),
      cacheRead: at("cacheRead"),
      cacheWrite: at("cacheWrite"),
      cacheWrite1h: at("cacheWrite1h"),
      reasoning: at("reasoning"),
      reportedNanos: told("reported"),
      run: names.runs[at("run")] ?? "",
      response: responses[index] ?? "",
      kind: runKinds[at("kind")],
      unseen: unseenReasons[at("unseen")] ?? "",
    }
  })
}
