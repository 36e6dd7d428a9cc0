/** Other users: a directory that is read only for its reader, and a writer that is a service of its own user while the gateway is another's. */
import assert from "node:assert/strict"
import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, chownSync, mkdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { findTool } from "../tools.ts"
import { observeCall } from "./load.ts"
import { makeRig, until, type Rig, type RunOptions } from "./rig.ts"

/** Users that need not exist: only their numbers count. */
const keeper = 54_321
const gatewayUser = 54_322
const stranger = 54_323
const group = 54_400

const gatewaySide = join(import.meta.dirname, "gateway-side.ts")

function canBeOthers(): { readonly skip?: string } {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return { skip: "needs root on Linux, to run programs as other users" }
  if (!findTool("setpriv")) return { skip: "setpriv is not installed" }
  const { status } = spawnSync("setpriv", [`--reuid=${stranger}`, `--regid=${stranger}`, "--clear-groups", process.execPath, "--check", gatewaySide])
  return status === 0 ? {} : { skip: "other users cannot read this checkout" }
}

const asOthers = canBeOthers()

function give(path: string, uid: number, gid: number): void {
  execFileSync("chown", ["-R", `${uid}:${gid}`, path])
}

function places(rig: Rig): string[] {
  return ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
}

test("a directory its user cannot write: a sentence, a remedy, no harm, and it records when mended", asOthers, async (t) => {
  const rig = makeRig(t)
  const before = rig.client()
  for (let i = 0; i < 20; i++) observeCall(before, `before-${i}`)
  await before.flush(5_000)
  before.close()
  await rig.stopWriter()
  give(rig.root, keeper, keeper)
  chmodSync(rig.directory, 0o500)
  const user: RunOptions = { uid: keeper }

  const [byHand, byClient, events, verify, status] = await Promise.all([
    rig.run(["writer", ...places(rig)], user),
    rig.run(["writer", ...places(rig), "--started-by", "client"], { ...user, input: "{}\n" }),
    rig.run(["events", "list", "--json", ...places(rig)], user),
    rig.run(["verify", ...places(rig)], user),
    rig.run(["status", ...places(rig)], user),
  ])
  assert.deepEqual([byHand.status, byHand.stdout], [2, ""])
  assert.match(byHand.stderr, /^Writing to \S+ failed: .+\.\nFree space or mend the permissions of the directory; recording goes on by itself.*\n$/)
  const { fault } = JSON.parse(byClient.stdout) as { fault: { code: string } }
  assert.deepEqual([byClient.status, fault.code, byClient.stderr], [2, "store.write-failed", ""])
  assert.deepEqual([events.status, events.stderr], [0, ""])
  assert.ok((JSON.parse(events.stdout) as { total: number }).total > 20, "what can be read is shown")
  assert.deepEqual([verify.status, verify.stderr], [0, ""])
  assert.deepEqual([status.status, status.stderr], [0, ""])

  chmodSync(rig.directory, 0o700)
  const writer = await rig.writer([], user)
  assert.equal(statSync(`/proc/${writer.pid}`).uid, keeper)
  writer.child.kill("SIGTERM")
  assert.equal((await writer.ended).status, 0)
  assert.equal(rig.verify().verdict, "valid")
})

test("a directory its user may not look into is not taken for one without a ledger", asOthers, async (t) => {
  const rig = makeRig(t)
  give(rig.root, keeper, keeper)
  chmodSync(rig.directory, 0o000)
  const user: RunOptions = { uid: keeper }
  const commands = ["events list", "verify", "export json", "key create", "key status", "writer"]
  const said = await Promise.all(commands.map((command) => rig.run([...command.split(" "), ...places(rig)], user)))
  for (const { status, stdout, stderr } of said) {
    assert.deepEqual([status, stdout], [2, ""])
    assert.match(stderr, /^\S+keys\.json cannot be read: EACCES: [^\n]+\.\nCheck the file's owner and permissions, [^\n]+\n$/)
  }
  const report = await rig.run(["status", "--json", ...places(rig)], user)
  const { recording, problem, next } = JSON.parse(report.stdout) as { recording: string; problem: { code: string }; next: unknown }
  assert.deepEqual([report.status, report.stderr, recording, problem.code, next], [1, "", "off", "store.unreadable", null])
})

test("a writer as another user's service: the gateway's user reaches its socket through a group, and not its files", asOthers, async (t) => {
  const rig = makeRig(t)
  give(rig.directory, keeper, group)
  give(join(rig.keyFile, ".."), keeper, group)
  chownSync(rig.root, keeper, group)
  chmodSync(rig.root, 0o755)
  const run = join(rig.root, "run")
  mkdirSync(run)
  chownSync(run, keeper, group)
  chmodSync(run, 0o750)
  const socket = join(run, "writer.sock")
  const writer = await rig.writer(["--service", "--socket", socket], { uid: keeper, gid: group })

  const { mode, uid, gid } = statSync(socket)
  assert.deepEqual([(mode & 0o777).toString(8), uid, gid], ["660", keeper, group])
  assert.equal(statSync(rig.files.journal).mode & 0o077, 0)

  const asked = await rig.run([socket, rig.files.journal], { cli: gatewaySide, uid: gatewayUser, gid: group })
  assert.equal(asked.stderr, "")
  const answer = JSON.parse(asked.stdout) as { uid: number; answer: { verdict: string }; data: string; logged: string[] }
  assert.deepEqual([answer.uid, answer.answer.verdict, answer.data, answer.logged], [gatewayUser, "allow", "EACCES", []])

  const report = await rig.run(["status", "--json", "--socket", socket, ...places(rig)], { uid: gatewayUser, gid: group })
  const { recording, problem } = JSON.parse(report.stdout) as { recording: string; problem: { code: string } }
  assert.deepEqual([recording, problem.code], ["on", "store.unreadable"], "whoever may not read is told so, and that the writer records")

  const refused = await rig.run([socket, rig.files.journal], { cli: gatewaySide, uid: stranger })
  const { answer: fault, data } = JSON.parse(refused.stdout) as { answer: { code: string; message: string }; data: string }
  assert.deepEqual([fault.code, data], ["writer.unreachable", "EACCES"])
  assert.match(fault.message, /EACCES/)

  await until(() => rig.entries("tool.returned").length === 1, "the observed event is there")
  assert.equal(rig.entries("tool.invoked").length, 1)
  writer.child.kill("SIGTERM")
  assert.equal((await writer.ended).status, 0)
  assert.equal(rig.verify().verdict, "valid")
})

test("a service refuses a socket's directory of somebody else", asOthers, async (t) => {
  const rig = makeRig(t)
  give(rig.root, keeper, group)
  chmodSync(rig.root, 0o755)
  const run = join(rig.root, "run")
  mkdirSync(run, { mode: 0o777 })
  chmodSync(run, 0o777)
  const { status, stderr } = await rig.run(["writer", ...places(rig), "--service", "--socket", join(run, "writer.sock")], { uid: keeper, gid: group })
  assert.equal(status, 2)
  assert.match(stderr, /^Writing to \S+ failed: .*directory of the socket\.\n/)
})
