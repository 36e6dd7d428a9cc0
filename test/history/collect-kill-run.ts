/** Collectors that are killed at random moments, while their host goes on: in the end each call is on record once, and nothing of anything twice. */
import assert from "node:assert/strict"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Home } from "../cli/home.ts"
import { chance } from "./jsonl-corpus.ts"
import { LiveHost } from "./live-host.ts"

export type CollectKills = { readonly home: Home; readonly kills: number; readonly seed: number; readonly log?: (line: string) => void }

/** Answers how many of the kills met a collector that had recorded something before. */
export async function killCollectors({ home, kills, seed, log = () => {} }: CollectKills): Promise<number> {
  const host = new LiveHost(join(home.directory, "host"), seed)
  const random = chance(seed + 1)
  const told: string[] = []
  await must(home, "key create")
  let met = 0
  for (let kill = 0; kill < kills; kill++) {
    const { child, stdout, ended } = home.start(["collect", "--openclaw-home", host.home, "--json", "--status-every", "1"])
    const [fromStart, forMs] = [random() < 0.4, random() * 1_600]
    // Half of them early, in the middle of their start; the others some time after they read for the first time.
    const waitsMs = fromStart ? 0 : 20_000
    const untilMs = performance.now() + waitsMs
    while (stdout() === "" && performance.now() < untilMs) told.push(await happened(host))
    const killMs = performance.now() + forMs
    while (performance.now() < killMs) told.push(await happened(host))
    child.kill("SIGKILL")
    await ended
    if (stdout() !== "") met++
    if (random() < 0.2) host.restart()
  }
  host.finish()
  log(`seed ${seed}: ${host.truth.calls} calls; ${[...new Set(told)].map((what) => `${what} ${told.filter((one) => one === what).length}`).join(", ")}`)
  await settled(home, host, seed)
  host.close()
  return met
}

async function happened(host: LiveHost): Promise<string> {
  await sleep(15)
  return host.happen()
}

export async function settled(home: Home, host: LiveHost, seed: number): Promise<void> {
  await must(home, `collect --openclaw-home ${host.home} --once`)
  const asked = JSON.parse(await must(home, ["sql", "SELECT count(*), sum(input_tokens) FROM llm_usage_events", "--json"])) as {
    readonly rows: readonly unknown[]
  }
  assert.deepEqual(asked.rows, [[host.truth.calls, host.truth.input]], `seed ${seed}`)
  const again = JSON.parse(await must(home, `import ${host.home} --json`)) as { readonly recorded: number; readonly events: { readonly recorded: number } }
  assert.deepEqual([again.recorded, again.events.recorded], [0, 0], `an import finds nothing new, seed ${seed}`)
  const ids = await idsOf(home)
  assert.equal(new Set(ids).size, ids.length, `nothing is on record twice, seed ${seed}`)
  const { verdict } = JSON.parse(await must(home, "verify --json")) as { readonly verdict: string }
  assert.equal(verdict, "valid")
}

async function idsOf(home: Home): Promise<readonly string[]> {
  const { events } = JSON.parse(await must(home, "events list --last 100000 --json")) as {
    readonly events: readonly { readonly id: string; readonly type: string; readonly facts: Readonly<Record<string, unknown>> }[]
  }
  return events.filter(({ type }) => type === "usage.reported" || type === "message.written").map(({ id, facts }) => `${id} ${String(facts["row"])}`)
}

async function must(home: Home, command: string | readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await home.run(command)
  assert.equal(exit, 0, `${String(command)}: ${stdout}${stderr}`)
  return stdout
}
