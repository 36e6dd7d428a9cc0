/** The writer under another user, as the files under deploy/ and the guide set it up: what works beside the service, and what the gateway's user cannot reach. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { afterFlag, deployFiles, startWords } from "../deploy-files.ts"
import { read } from "../tidy/repository.ts"
import { canBeMachine, makeMachine, nearby, type Machine, type Said, type User } from "./machine.ts"

const can = canBeMachine()
const node = [process.execPath, "--no-warnings"]
const words = startWords()
const [socket = "", data = "", keyFile = ""] = ["--socket", "--data-dir", "--key-file"].map((flag) => afterFlag(words, flag))
const places = ["--data-dir", data, "--key-file", keyFile]

/** The guide's commands that are to be run as the writer's user, as they stand. */
const guided = read("docs/guides/second-user.md")
  .split("\n")
  .filter((line) => line.startsWith("setpriv"))
const guide = (machine: Machine, command: string): Said =>
  machine.run("root", (guided.find((line) => line.includes(` sovereign-ledger ${command} `)) ?? assert.fail(`the guide has no ${command}`)).split(" "))
const ran = (machine: Machine, user: User, command: string, more: readonly string[] = places): Said =>
  machine.run(user, ["sovereign-ledger", ...command.split(" "), ...more])
const done = (said: Said): string => {
  assert.deepEqual([said.status, said.stderr], [0, ""], said.stdout)
  return said.stdout
}
/** Owner, mode and kind of every file below the directories. */
const filesIn = (machine: Machine, ...directories: readonly string[]): readonly string[] =>
  machine
    .shell(`find ${directories.join(" ")} -printf '%u:%g %m %y %p\\n' | sort -k4`)
    .trim()
    .split("\n")

test("what works beside the service, and whose the files are that are made", can, async (t) => {
  const machine = await makeMachine(t)
  assert.match(done(guide(machine, "key create")), /master\.key/)
  const service = await machine.start()

  const asked = JSON.parse(done(machine.run("openclaw", [...node, nearby("gateway-side.ts"), socket, `${data}/journal.db`]))) as {
    answer: { verdict: string }
    data: string
    logged: []
  }
  assert.deepEqual([asked.answer.verdict, asked.data, asked.logged], ["allow", "EACCES", []])

  assert.match(done(guide(machine, "verify")), /VALID/)
  assert.match(done(guide(machine, "vault rotate")), /^A new master key opens the ledger\./)
  const status = JSON.parse(done(ran(machine, "ledger", "status --json"))) as { recording: string; writer: { pid: number } }
  assert.deepEqual([status.recording, status.writer.pid], ["on", service.pid], "the service is found in the data directory")
  assert.match(done(ran(machine, "ledger", "key status")), /fingerprint/)
  assert.match(done(ran(machine, "ledger", "erase --agent main --yes")), /are erased/)
  machine.shell("install -d -o ledger -m 0700 /var/lib/backups /var/lib/keys")
  done(ran(machine, "ledger", "backup create --to /var/lib/backups --keys-to /var/lib/keys"))
  done(ran(machine, "ledger", "key backup /var/lib/keys/key-backup.json"))
  assert.match(done(ran(machine, "ledger", "erase --agent main --socket", [socket, ...places])), /nothing of agent main|There is nothing/)

  const files = filesIn(machine, "/var/lib", "/etc/sovereign-ledger", "/run/sovereign-ledger").filter((line) => !line.endsWith(" /var/lib"))
  assert.ok(files.length > 12)
  for (const line of files) {
    const isShared = line.includes("/run/sovereign-ledger")
    assert.match(line, isShared ? /^ledger:openclaw-ledger (?:660 s|750 d) / : /^ledger:openclaw-ledger (?:600 [fs]|700 d) |^ledger:root 700 d /)
  }
  for (const path of [keyFile, `${data}/keys.json`, `${data}/writer.sock`])
    assert.ok(
      files.some((line) => line.endsWith(` ${path}`)),
      `${path} is there`,
    )
  assert.deepEqual(
    files.filter((line) => line.includes(".next") || line.includes(".tmp")),
    [],
  )
  assert.equal(await service.stop(), 0)
  assert.match(done(guide(machine, "verify")), /VALID WITH ERASURES/)
})

test("what the gateway's user, and a stranger, cannot do", can, async (t) => {
  const machine = await makeMachine(t)
  done(guide(machine, "key create"))
  const service = await machine.start()
  const reach = (user: User) =>
    JSON.parse(done(machine.run(user, ["python3", nearby("reach-for-it.py"), String(service.pid), socket, data, keyFile]))) as Record<string, string>
  const gateway = reach("openclaw")
  const { connect, ...rest } = gateway
  const signals = new Set(["trace it", "open its inspector", "kill it", "change the socket"])
  assert.ok(Object.keys(rest).length > 15)
  assert.deepEqual([connect, rest], ["done", Object.fromEntries(Object.keys(rest).map((name) => [name, signals.has(name) ? "EPERM" : "EACCES"]))])
  assert.deepEqual([...new Set(Object.values(reach("stranger")))].sort(), ["EACCES", "EPERM"])
  assert.equal(reach("stranger")["connect"], "EACCES")

  for (const command of [
    "vault rotate",
    "vault status",
    "erase --agent main --yes",
    "backup create --to /tmp",
    "key status",
    "key hand-over",
    "verify",
    "events list",
  ]) {
    for (const where of [places, [...places, "--socket", socket]]) {
      const { status, stdout, stderr } = ran(machine, "openclaw", command, where)
      assert.deepEqual([status, stdout], [2, ""], command)
      assert.match(stderr, /^\S+keys\.json cannot be read: EACCES: [^\n]+\.\nCheck the file's owner and permissions, [^\n]+\n$/, command)
    }
  }
  const control = (user: User, where: string, action: string, more: object): unknown =>
    JSON.parse(done(machine.run(user, [...node, nearby("ask-control.ts"), where, action, JSON.stringify(more)])))
  const who = { by: "agent", value: "main" }
  assert.deepEqual(control("openclaw", socket, "erase", { who, under: [] }), { fault: "writer.not-for-group" })
  for (const action of ["stop", "hand-over"]) assert.deepEqual(control("openclaw", socket, action, {}), { fault: "writer.not-for-group" })
  const wrapping = Buffer.alloc(32).toString("base64")
  for (const step of ["add", "promote", "drop"]) {
    assert.deepEqual(control("openclaw", socket, "replace-master", { step, wrapping, next: {}, under: [] }), { fault: "key.not-next" })
  }
  assert.deepEqual(control("openclaw", socket, "replace-signer", { successor: { verifierKey: "x", signing: "x" } }), { fault: "key.not-successor" })
  assert.deepEqual(control("openclaw", `${data}/writer.sock`, "erase", { who }), { fault: "writer.unreachable" })
  assert.equal((control("ledger", `${data}/writer.sock`, "erase", { who, under: [] }) as { scopes: number }).scopes, 0)
  const own = Object.entries(reach("ledger")).filter(([name]) => name !== "connect" && name !== "connect to its own socket")
  assert.deepEqual(
    own.filter(([, found]) => found !== "done"),
    [["read mem", "EIO"]], // at its first byte nothing is mapped
    "the tries are ones that can succeed",
  )
})

test("the key as a credential: root's, behind an access list of the service's user, and replaced beside the service", can, async (t) => {
  const machine = await makeMachine(t)
  done(guide(machine, "key create"))
  const [name = ""] = afterFlag(startWords(deployFiles.credential), "--key-file").split("/").slice(1)
  const stored = "/etc/credstore/sovereign-ledger.key"
  const credentials = "/run/credentials/sovereign-ledger.service"
  machine.shell(`install -d -m 0700 /etc/credstore; install -m 0600 -o root -g root ${keyFile} ${stored}; rm ${keyFile}`)
  /** As systemd.exec(5) has it: a file of root's, and an access list that lets one user read it. */
  const hand = () =>
    machine.shell(`mkdir -p ${credentials}; cp ${stored} ${credentials}/${name}; chmod 0400 ${credentials}/${name}; python3 -c '
import os, struct
def let(path, own, theirs):
    entries = [(1, own, 2**32 - 1), (2, theirs, ${"54321"}), (4, 0, 2**32 - 1), (16, theirs, 2**32 - 1), (32, 0, 2**32 - 1)]
    os.setxattr(path, "system.posix_acl_access", struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries))
let("${credentials}/${name}", 4, 4)
let("${credentials}", 5, 5)'`)
  hand()
  assert.match(filesIn(machine, credentials).at(-1) ?? "", /^root:root 440 f /)
  const service = await machine.start(deployFiles.credential, credentials)
  assert.equal(ran(machine, "openclaw", "status", ["--data-dir", data, "--key-file", `${credentials}/${name}`]).status, 1)
  const outside = ran(machine, "ledger", "verify", ["--data-dir", data, "--key-file", `${credentials}/${name}`])
  assert.deepEqual([outside.status, outside.stderr.split("\n")[0]], [2, `The key file ${credentials}/${name} can be read by other users (mode 440).`])

  const rotated = ran(machine, "root", "vault rotate", ["--data-dir", data, "--key-file", stored, "--socket", socket])
  assert.match(done(rotated), /^A new master key opens the ledger\./)
  assert.deepEqual(
    filesIn(machine, "/etc/credstore", data).filter((line) => /\broot:/.test(line)),
    ["root:root 700 d /etc/credstore", `root:root 600 f ${stored}`],
  )
  assert.equal(await service.stop(), 0)
  hand()
  assert.equal(await (await machine.start(deployFiles.credential, credentials)).stop(), 0)
})
