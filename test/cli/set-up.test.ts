/** setup by its flags, and uninstall after it: what stands in the host's configuration stays there, what is secret is not shown, and twice is once. */
import assert from "node:assert/strict"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { describe, test } from "node:test"
import { holds, jsonOf, type Row } from "./home.ts"
import { hostedHome, usualPlugins, type Host } from "./hosted-home.ts"

const id = "sovereign-ledger"
const settings = (host: Host) => (host.config().plugins["entries"] as Record<string, { config?: Record<string, unknown> }>)[id]?.config ?? {}
const says = async (host: Host, command: string, row: Omit<Row, "command">) => holds(await host.home.run(host.with(command)), row)

describe("setup", () => {
  test("by itself: loaded, let see conversations, with a key; the second time nothing is written", async (t) => {
    const host = hostedHome(t)
    await says(host, "setup --yes", {
      exit: 0,
      stdout: /^Done: 3 changes\.\nMaster key: [^\n]*key backup FILE\n\nSovereign Ledger [^]*READY/,
      stderr: /^\+ allow +the host loads the plugin; in plugins\.allow with 2 others\n/,
    })
    const { plugins, gateway } = host.config()
    assert.deepEqual(plugins["allow"], ["memory-core", "telegram", id], "without a list the host loads what it likes: a list of one would switch all of it off")
    assert.deepEqual(plugins["entries"], { [id]: { hooks: { allowConversationAccess: true } } })
    assert.deepEqual(gateway, { mode: "local" })
    await says(host, "setup --yes", { exit: 0, stdout: /^Everything was there already; nothing was written\.\n/, stderr: /^ {2}allow / })
    assert.equal(host.written().length, 1)
  })

  test("a list that is there is added to, whoever stands in it; nothing else is touched", async (t) => {
    const host = hostedHome(t, {
      plugins: {
        allow: ["telegram", "not-installed"],
        deny: ["discord"],
        entries: { telegram: { config: { a: 1 } }, [id]: { enabled: false, config: { userId: "jane" } } },
      },
    })
    await says(host, "setup --yes --key skip --retention-days 30 --redact tools --budget 5usd", {
      exit: 0,
      stdout: /^Done: 6 changes\./,
      stderr: /key +no ledger yet/,
    })
    assert.deepEqual(host.config().plugins, {
      allow: ["telegram", "not-installed", id],
      deny: ["discord"],
      entries: {
        telegram: { config: { a: 1 } },
        [id]: {
          enabled: true,
          hooks: { allowConversationAccess: true },
          config: { userId: "jane", localRetentionDays: 30, redactToolArgs: true, budgets: [{ name: "daily", limit: ["5usd"], per: "day" }] },
        },
      },
    })
    assert.ok(!existsSync(join(host.home.directory, ".config")), "no key was made")
  })

  test("what is answered with skip stays; what is not named stays, too", async (t) => {
    const budgets = [
      { name: "night", limit: ["1usd"], per: "hour" },
      { name: "daily", limit: ["9usd"], per: "day", mode: "warn" },
    ]
    const host = hostedHome(t, { plugins: { allow: ["telegram"], entries: { [id]: { config: { budgets, witnesses: [] } } } } })
    await says(host, "setup --yes --allow skip --conversations skip --key skip --budget 7usd", {
      exit: 0,
      stdout: /^Done: 1 changes\./,
      stderr: /conversations +prompts and answers are NOT seen/,
    })
    assert.deepEqual(host.config().plugins["allow"], ["telegram"])
    assert.deepEqual(settings(host)["budgets"], [budgets[0], { ...budgets[1], limit: ["7usd"] }])
    await says(host, "setup --yes --allow skip --conversations skip --key skip --budget none", { exit: 0, stdout: /^Done: 1 /, stderr: /no daily budget/ })
    assert.deepEqual(settings(host)["budgets"], [budgets[0]])
  })

  test("a dry run writes nothing, shows the command without its secrets, and is refused what the host refuses", async (t) => {
    const host = hostedHome(t)
    const secret = "T000-B000-verysecret"
    const said = await host.home.run(host.with(`setup --yes --dry-run --webhook https://hooks.slack.com/services/${secret}`))
    holds(said, {
      exit: 0,
      stdout:
        /^\+ allow[^]*hooks\.slack\.com is told[^]*\nsovereign-ledger key create\nopenclaw config patch --stdin <<'END'\n\{"plugins":[^\n]*"\(not shown\)"[^\n]*\}\nEND\n$/,
    })
    assert.ok(!said.stdout.includes(secret))
    const body = jsonOf<{ changes: string[]; patch: object; createKey: boolean }>(
      await host.home.run(host.with(`setup --yes --dry-run --json --webhook https://hooks.slack.com/services/${secret}`)),
    )
    assert.deepEqual([body.createKey, body.changes.length, JSON.stringify(body).includes(secret)], [true, 3, false])
    assert.deepEqual([host.written(), existsSync(join(host.home.directory, ".openclaw", "sovereign-ledger"))], [[], false])
    host.know({ refuses: "plugins.entries.sovereign-ledger.config: must not have this" })
    await says(host, "setup --yes --dry-run", {
      exit: 2,
      stderr: /^openclaw config patch was refused by the host: plugins\.entries[^\n]*must not have this\.\nopenclaw config validate/,
    })
  })

  test("the web hook is told first, and what it does not take is said", async (t) => {
    const host = hostedHome(t)
    const bodies: string[] = []
    let status = 200
    const server = createServer((request, response) => {
      let body = ""
      request.on("data", (part: Buffer) => (body += part.toString()))
      request.on("end", () => {
        bodies.push(body)
        response.writeHead(status).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    t.after(() => server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
    await says(host, `setup --yes --key skip --webhook ${url} --webhook-private`, {
      exit: 0,
      stdout: /\nWeb hook 127\.0\.0\.1:\d+: it took the test message\.\n/,
      stderr: /webhook/,
    })
    assert.match(bodies.join(), /"kind":"test"/)
    await says(host, `setup --yes --key skip --webhook ${url} --webhook-private`, { exit: 0, stdout: /^Everything was there/, stderr: /webhook/ })
    assert.equal(bodies.length, 1, "one that is there is not told again")
    status = 410
    await says(host, `setup --yes --key skip --webhook-test yes`, { exit: 1, stdout: /it did not take the test message: it refuses/, stderr: /webhook/ })
    await says(host, `setup --yes --key skip --webhook-env NOT_THERE`, {
      exit: 1,
      stdout: /not tried: the variable NOT_THERE is not set here/,
      stderr: /the web hook in NOT_THERE is told/,
    })
    assert.deepEqual(settings(host), { notificationWebhook: { source: "env", provider: "default", id: "NOT_THERE" }, webhookAllowPrivateHost: true })
    await says(host, `setup --yes --key skip --webhook none`, { exit: 0, stdout: /^Done: 1/, stderr: /no web hook/ })
  })

  test("where the ledger and its key are is written down, so that the gateway looks there", async (t) => {
    const host = hostedHome(t)
    await says(host, "setup --yes --data-dir ledger --key-file keys/master.key", {
      exit: 0,
      stdout: /READY [^\n]*\/home\/ledger\n/,
      stderr: /places +dataDir \/[^\n]*\/home\/ledger, keyFile \/[^\n]*\/home\/keys\/master\.key/,
    })
    assert.deepEqual(settings(host), { dataDir: join(host.home.directory, "ledger"), keyFile: join(host.home.directory, "keys/master.key") })
    await host.home.check({ command: "key status", exit: 0, stdout: /master\.key/ })
  })

  test("anchors are added to those there are", async (t) => {
    const host = hostedHome(t, { plugins: { entries: { [id]: { config: { timestampAuthorities: ["https://one.example/tsr /etc/one.pem"] } } } } })
    const uuids = "--de-key-env DE_KEY --de-org 550e8400-e29b-41d4-a716-446655440000 --de-tenant 123e4567-e89b-12d3-a456-426614174000"
    const words = [...host.with(`setup --yes --key skip ${uuids} --anchor-events 50 --timestamp-authority`)]
    words.splice(words.indexOf("--openclaw"), 0, "https://two.example/tsr /etc/two.pem")
    holds(await host.home.run(words), {
      exit: 0,
      stdout: /^Done: 7/,
      stderr: /anchoring +https:\/\/one\.example\/tsr, https:\/\/two\.example\/tsr, Digital Evidence/,
    })
    assert.deepEqual(settings(host), {
      timestampAuthorities: ["https://one.example/tsr /etc/one.pem", "https://two.example/tsr /etc/two.pem"],
      deApiKey: { source: "env", provider: "default", id: "DE_KEY" },
      ...{ deOrgId: "550e8400-e29b-41d4-a716-446655440000", deTenantId: "123e4567-e89b-12d3-a456-426614174000", deEventThreshold: 50 },
    })
  })

  test("what cannot be done is a sentence and a remedy, and changes nothing", async (t) => {
    const host = hostedHome(t)
    const { home } = host
    await home.check({ command: "setup", exit: 2, stderr: /^Nobody sits here who could be asked\.\nGive --yes/ })
    await home.check({
      command: "setup --yes --openclaw no/such/openclaw",
      exit: 2,
      stderr: /^The host's command cannot be run: no\/such\/openclaw \([^\n]*ENOENT\)\.\nName it with --openclaw FILE/,
    })
    for (const [flags, words] of [
      ["--allow perhaps", /^--allow takes yes or skip, not "perhaps"/],
      ["--budget lots", /^The list of budgets|is not an amount/],
      ["--webhook ftp://x.example", /^The setting notificationWebhook is not usable: url of a webhook must begin with https/],
      ["--de-key-env DE_KEY", /^The setting deApiKey is not usable: it needs deOrgId/],
      ["--retention-days 1.5", /^--retention-days takes a whole number/],
      ["--webhook https://a.example/x --webhook-env A", /^Give --webhook or --webhook-env, not both/],
    ] as const)
      await says(host, `setup --yes ${flags}`, { exit: 2, stderr: words })
    host.know({ plugins: usualPlugins.filter((one) => one.id !== id) })
    await says(host, "setup --yes", { exit: 2, stderr: /^OpenClaw does not know the plugin sovereign-ledger\.\nopenclaw plugins install/ })
    host.know({ forgets: true })
    await says(host, "setup --yes --key skip", {
      exit: 2,
      stderr: /^\+ allow[^]*The host took what was to be written, but its configuration does not say it: plugins\.allow, plugins\.entries/,
    })
    writeFileSync(join(home.directory, ".openclaw", "openclaw.json"), "{ plugins: ")
    await says(host, "setup --yes", { exit: 2, stderr: /^The host's configuration [^\n]* cannot be read: [^\n]*\n[^\n]*openclaw doctor/ })
    assert.equal(readFileSync(join(home.directory, ".openclaw", "openclaw.json"), "utf8"), "{ plugins: ")
  })

  test("a plugin that the host would not load all the same is told", async (t) => {
    const host = hostedHome(t, { plugins: { deny: [id], allow: ["telegram"] } })
    await says(host, "setup --yes --key skip", {
      exit: 0,
      stdout: /The host does not load the plugin: denied in plugins\.deny\. openclaw config set plugins\.deny '\[\]'/,
      stderr: /denied/,
    })
  })

  test("parts that stand in another file are asked of the host", async (t) => {
    const host = hostedHome(t, { plugins: { $include: "./plugins.json5" } })
    host.know({ resolved: { allow: ["telegram", id], entries: { [id]: { hooks: { allowConversationAccess: true } } } } })
    await says(host, "setup --yes --key skip", { exit: 0, stdout: /^Everything was there already/, stderr: /in plugins\.allow with 1 others/ })
  })
})

describe("uninstall", () => {
  test("takes out what setup wrote and leaves what is others'; the ledger stays", async (t) => {
    const before = { agents: { defaults: { model: "a/b" } }, plugins: { entries: { telegram: { enabled: true } } } }
    const host = hostedHome(t, before)
    await says(host, "setup --yes --budget 5usd --recaps off", { exit: 0, stdout: /^Done/, stderr: /recaps +off/ })
    assert.equal((host.config()["agents"] as { defaults: Record<string, unknown> }).defaults["utilityModel"], "")
    await says(host, "uninstall --dry-run", {
      exit: 0,
      stdout:
        /^Nothing was changed[^]*openclaw plugins uninstall sovereign-ledger --force\nopenclaw config patch[^]*What would stay[^]*the ledger +[^\n]*sovereign-ledger\n/,
    })
    await host.home.check({ command: "uninstall", exit: 2, stderr: /^Nobody sits here/ })
    await says(host, "uninstall --yes", {
      exit: 0,
      stdout: /^The plugin and what setup wrote for it are out of the host\.\n\nWhat stays[^]*the ledger[^]*its master key[^]*its last checkpoint/,
    })
    const { plugins, agents } = host.config()
    assert.deepEqual([plugins, agents], [before.plugins, before.agents], "the host's configuration is what it was")
    await says(host, "uninstall --yes", { exit: 0, stdout: /^The host does not know the plugin; nothing was to be taken out\./ })
    await host.home.check({ command: "verify", exit: 0, stdout: /VALID/ })
  })

  test("a list that somebody changed since keeps what he put there; a list that was there before stays", async (t) => {
    const host = hostedHome(t)
    await says(host, "setup --yes", { exit: 0, stdout: /^Done/, stderr: /allow/ })
    host.configure({ ...host.config(), plugins: { ...host.config().plugins, allow: ["memory-core", "telegram", id, "discord"] } })
    await says(host, "uninstall --yes", { exit: 0, stdout: /out of the host/ })
    assert.deepEqual(host.config().plugins["allow"], ["memory-core", "telegram", "discord"])
  })

  test("ends the writer in order, and deletes the ledger only by its name", async (t) => {
    const host = hostedHome(t)
    const { home } = host
    await says(host, "setup --yes", { exit: 0, stdout: /^Done/, stderr: /allow/ })
    const { storeId, where } = jsonOf<{ storeId: string; where: string }>(await home.run("key status --json"))
    const writer = home.start(["writer"])
    for (const untilMs = Date.now() + 20_000; Date.now() < untilMs && !jsonOf<{ writer: unknown }>(await home.run("status --json")).writer;);
    await says(host, "uninstall --yes --delete-data 0000000000000000", {
      exit: 2,
      stderr: /^The ledger in [^\n]* is [0-9a-f]{16}, not 0000000000000000: nothing was deleted/,
    })
    const directory = join(home.directory, ".openclaw", "sovereign-ledger")
    writeFileSync(join(directory, "mine.txt"), "not the ledger's")
    const body = jsonOf<{ writerEnded: number; deleted: string; staying: { what: string; path: string }[] }>(
      await home.run(host.with(`uninstall --yes --json --delete-data ${storeId}`)),
    )
    assert.deepEqual([body.writerEnded, body.deleted], [writer.child.pid, storeId])
    assert.equal((await writer.ended).exit, 0, "it ended in order")
    assert.deepEqual([existsSync(join(directory, "journal.db")), existsSync(join(directory, "keys.json")), existsSync(where)], [false, false, true])
    assert.equal(readFileSync(join(directory, "mine.txt"), "utf8"), "not the ledger's")
    assert.deepEqual(
      body.staying.map(({ what }) => what),
      ["its master key", "what else is there"],
    )
  })
})
