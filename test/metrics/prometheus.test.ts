/** Debian's Prometheus scrapes what is served, evaluates the rules of alerts, and knows every name that rules and the dashboard ask for. */
import assert from "node:assert/strict"
import { spawn, spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createServer, type AddressInfo } from "node:net"
import { describe, test } from "node:test"
import { parseBudget } from "../../src/ledger/budget-rule.ts"
import { LedgerBook } from "../../src/operations/spend/ledger-book.ts"
import { metricsPrefix } from "../../src/surfaces/render/metrics-text.ts"
import { LiveLedger } from "../../src/views/live-ledger.ts"
import { metricsOf } from "../../src/views/metrics.ts"
import { startMs, temporaryDirectory, temporaryLedger, type Ending } from "../ledger-fixture.ts"
import { requireTool } from "../tools.ts"
import { until } from "../writer/rig.ts"
import { serving } from "./served.ts"

const root = join(import.meta.dirname, "../..")
const rulesFile = join(root, "deploy/prometheus/alerts.yml")
const scrapeFile = join(root, "deploy/prometheus/scrape.yml")
const dashboardFile = join(root, "deploy/grafana/sovereign-ledger.json")
const guideFile = join(root, "docs/guides/metrics.md")

type Panel = {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: Place
  readonly targets?: readonly { readonly expr: string }[]
}
type Place = { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
type Dashboard = {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] }
}

const dashboard = JSON.parse(readFileSync(dashboardFile, "utf8")) as Dashboard
const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
const rules = readFileSync(rulesFile, "utf8")
const namedIn = (text: string) => new Set(text.match(/\bsovereign_ledger_[a-z_]+/g) ?? [])

/** Every name there is, as a series has it: also of what has no sample here. */
function knownNames(t: Ending): ReadonlyMap<string, string> {
  const ledger = temporaryLedger(t)
  ledger.append(10)
  const live = new LiveLedger(ledger.files, () => ledger.places)
  const question = { nowMs: startMs, version: "test", writer: null, host: null }
  const metrics = live.ask((access, state) => metricsOf(access, state, question))
  live.close()
  return new Map(metrics.map(({ name, kind, help }) => [`${metricsPrefix}${name}${kind === "counter" ? "_total" : ""}`, help]))
}

describe("files for Prometheus and Grafana", () => {
  test("name only metrics that there are, and rates are of counters alone", (t) => {
    const known = knownNames(t)
    for (const [from, text] of Object.entries({ rules, dashboard: readFileSync(dashboardFile, "utf8") })) {
      const named = namedIn(text)
      assert.ok(named.size > 15, from)
      for (const name of named) assert.ok(known.has(name), `${from} ask for ${name}`)
      for (const [, name = ""] of text.matchAll(/\b(?:rate|increase)\((sovereign_ledger_[a-z_]+)/g))
        assert.ok(name.endsWith("_total"), `${from}: a rate of ${name}`)
    }
    const guide = namedIn(readFileSync(guideFile, "utf8"))
    for (const name of known.keys()) assert.ok(guide.has(name), `the guide does not tell of ${name}`)
    for (const name of guide) assert.ok(known.has(name) || [...known.keys()].some((one) => one.startsWith(name)), `the guide tells of ${name}`)
  })

  test("each alert says in words what it is and what to run", () => {
    const alerts = [...rules.matchAll(/- alert: (\w+)\n([^]*?)(?=\n {6}- alert|\n\n|$)/g)]
    assert.ok(alerts.length >= 20)
    for (const [, name = "", body = ""] of alerts) {
      assert.match(name, /^SovereignLedger[A-Z]\w+$/)
      for (const part of ["expr:", "severity:", "summary:", "description:"]) assert.ok(body.includes(part), `${name} has no ${part}`)
    }
    assert.equal(new Set(alerts.map(([, name]) => name)).size, alerts.length)
  })

  test("the dashboard is laid out without holes over each other: ids once, inside 24 columns, each panel with its words", () => {
    const { panels, templating } = dashboard
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
    for (const [at, { title, type, gridPos: one, targets }] of panels.entries()) {
      assert.ok(title !== "" && one.x + one.w <= 24, title)
      assert.ok(type === "row" || (targets?.length ?? 0) > 0, title)
      for (const { gridPos: other, title: second } of panels.slice(at + 1)) {
        const isApart = one.x + one.w <= other.x || other.x + other.w <= one.x || one.y + one.h <= other.y || other.y + other.h <= one.y
        assert.ok(isApart, `${title} and ${second} lie over each other`)
      }
    }
    assert.deepEqual(
      templating.list.map(({ name }) => name),
      ["datasource", "instance"],
    )
    for (const expr of expressions) assert.match(expr, /instance=~"\$instance"/)
  })

  test("promtool takes the rules, and the scrape jobs", requireTool("promtool"), (t) => {
    const checked = spawnSync("promtool", ["check", "rules", rulesFile], { encoding: "utf8" })
    assert.equal(checked.status, 0, checked.stdout + checked.stderr)
    const file = join(temporaryDirectory(t), "prometheus.yml")
    // The file of the token need not be there for the syntax.
    writeFileSync(file, `rule_files: ["${rulesFile}"]\n${readFileSync(scrapeFile, "utf8")}`)
    const config = spawnSync("promtool", ["check", "config", "--syntax-only", file], { encoding: "utf8" })
    assert.equal(config.status, 0, config.stdout + config.stderr)
  })
})

describe("Debian's Prometheus", () => {
  test("scrapes what is served behind a login, and answers what the dashboard asks", requireTool("prometheus"), async (t) => {
    const ledger = temporaryLedger(t)
    const book = new LedgerBook()
    ledger.append(300)
    ledger.record(...book.give({ do: "set-budget", atMs: startMs, rule: parseBudget({ name: "daily", limits: ["5usd"], per: "day" }) }).events)
    ledger.checkpoint()
    const directory = temporaryDirectory(t)
    const tokenFile = join(directory, "token")
    const server = await serving(t, ledger, ["--token-file", tokenFile])
    const prometheus = await startPrometheus(t, directory, { target: new URL(server.url).host, tokenFile })
    const ask = async (query: string) => {
      const response = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`)
      const { status, data, error } = (await response.json()) as { status: string; error?: string; data: { result: readonly { value: [number, string] }[] } }
      assert.equal(status, "success", `${query}: ${error}`)
      return data.result.map(({ value }) => Number(value[1]))
    }
    await until(async () => (await ask("up")).includes(1), "it was scraped", 60_000)
    assert.deepEqual([await ask("sovereign_ledger_up"), await ask("sovereign_ledger_journal_entries")], [[1], [302]])
    assert.deepEqual([await ask("sum(sovereign_ledger_tool_calls_total)"), await ask('sovereign_ledger_budget_limit_dollars{budget="daily"}')], [[128], [5]])
    for (const expr of expressions) await ask(expr.replaceAll("$instance", ".*").replaceAll("$__rate_interval", "1m"))
    const types = (await (await fetch(`${prometheus.url}/api/v1/metadata?metric=sovereign_ledger_entries_total`)).json()) as {
      data: Record<string, readonly { type: string }[]>
    }
    const openTypes = (await (await fetch(`${prometheus.url}/api/v1/metadata?metric=sovereign_ledger_entries`)).json()) as typeof types
    assert.equal((types.data["sovereign_ledger_entries_total"] ?? openTypes.data["sovereign_ledger_entries"])?.[0]?.type, "counter")
    type Groups = { data: { groups: readonly { rules: readonly { name: string; health: string; lastError?: string }[] }[] } }
    let evaluated: Groups["data"]["groups"][number]["rules"] = []
    await until(
      async () => {
        const { data } = (await (await fetch(`${prometheus.url}/api/v1/rules`)).json()) as Groups
        evaluated = data.groups.flatMap(({ rules: all }) => all)
        return evaluated.length > 0 && evaluated.every(({ health }) => health !== "unknown")
      },
      "its rules were evaluated",
      60_000,
    )
    assert.deepEqual(
      evaluated.filter(({ health }) => health !== "ok"),
      [],
    )
  })
})

async function startPrometheus(t: Ending, directory: string, { target, tokenFile }: { readonly target: string; readonly tokenFile: string }) {
  const port = await freePort()
  const config = join(directory, "prometheus.yml")
  writeFileSync(
    config,
    `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ["${rulesFile}"]
scrape_configs:
  - job_name: ledger
    authorization: { credentials_file: ${tokenFile} }
    static_configs: [{ targets: ["${target}"] }]
`,
  )
  const child = spawn(
    "prometheus",
    [`--config.file=${config}`, `--storage.tsdb.path=${join(directory, "tsdb")}`, `--web.listen-address=127.0.0.1:${port}`, "--log.level=warn"],
    { stdio: ["ignore", "ignore", "pipe"] },
  )
  let said = ""
  child.stderr.setEncoding("utf8").on("data", (part: string) => (said += part))
  t.after(() => void child.kill("SIGKILL"))
  const url = `http://127.0.0.1:${port}`
  await until(
    async () => {
      if (child.exitCode !== null) assert.fail(said)
      return await fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    },
    "Prometheus is ready",
    60_000,
  )
  return { url }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
