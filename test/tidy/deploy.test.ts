/** The files under deploy/, the guide that tells of them and the help of the command they start say the same. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { copyFileSync, mkdirSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, test } from "node:test"
import { runCommand } from "../commands/command-process.ts"
import { afterFlag, deployFiles, launchdWords, madeDirectories, madeUsers, startWords, unitLines, valuesOf } from "../deploy-files.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { requireTool } from "../tools.ts"
import { files, read, root } from "./repository.ts"

const guidePath = "docs/guides/second-user.md"
const guide = read(guidePath)
const unit = unitLines()
const words = startWords()
const paths = ["--socket", "--data-dir", "--key-file"].map((flag) => afterFlag(words, flag))
const flagsIn = (line: readonly string[]) => line.filter((word) => word.startsWith("--"))

describe("deploy", () => {
  test("every file is linked from its guide, and those are all", () => {
    const linkedIn = (text: string) => [...new Set([...text.matchAll(/\]\(\.\.\/\.\.\/(deploy\/[^)]+\.\w+)\)/g)].map((match) => match[1] ?? ""))].sort()
    const units = Object.values(deployFiles).toSorted()
    assert.deepEqual(linkedIn(guide), units)
    assert.deepEqual([...linkedIn(read("docs/guides/metrics.md")), ...units].sort(), files("deploy"))
  })

  test("the guide repeats no unit: what it names of paths, users and modes is what the files say", () => {
    assert.doesNotMatch(guide, /^\[Service\]|^ExecStart=/m)
    for (const path of paths) assert.ok(guide.includes(path), `${guidePath} does not name ${path}`)
    const owners = new Map(madeDirectories().map(({ path, ...rest }) => [path, rest]))
    const shared = owners.get(dirname(paths[0] ?? ""))
    assert.ok(guide.includes(`| \`${paths[0]}\` | \`${shared?.user}:${shared?.group}\`, 0660 in a 0${shared?.mode.toString(8)} directory |`))
    assert.ok(guide.includes(`| \`${paths[1]}\` | \`${owners.get(paths[1] ?? "")?.user}\`, 0700, files 0600 |`))
    const asUser = `setpriv --reuid=${valuesOf(unit, "User")[0]} --regid=${valuesOf(unit, "Group")[0]} --clear-groups sovereign-ledger `
    const commands = guide.split("\n").filter((line) => line.startsWith("setpriv"))
    assert.ok(commands.length >= 3)
    for (const line of commands) assert.ok(line.startsWith(asUser), line)
    for (const file of [deployFiles.users, deployFiles.directories, deployFiles.unit, deployFiles.credential]) {
      assert.match(guide, new RegExp(`^install -D --mode=0644 ${file.replace("deploy/systemd/", "").replaceAll(".", "\\.")} /etc/`, "m"))
    }
  })

  test("the unit starts a command that its help tells of, by an example of its help", async () => {
    const help = (await runCommand(["writer", "--help"])).stdout
    assert.deepEqual(words.slice(0, 4), ["/usr/bin/env", "sovereign-ledger", "writer", "--service"])
    for (const flag of flagsIn(words)) assert.match(help, new RegExp(`^ +${flag}\\b`, "m"))
    assert.ok(help.includes(`\n  ${words.slice(1).join(" ")}\n`), "the help's example is another one")
    assert.ok(help.includes(guidePath))
  })

  test("user, group and directories are made by the other files, and nobody but the user may enter but where the socket is", () => {
    const { groups, users } = madeUsers()
    const [user = "", group = ""] = [valuesOf(unit, "User")[0], valuesOf(unit, "Group")[0]]
    assert.deepEqual([groups, users.map(({ name, group }) => [name, group])], [[group], [[user, group]]])
    const directories = madeDirectories()
    const [socket = "", data = "", key = ""] = paths
    for (const path of [dirname(socket), data, dirname(key), users[0]?.home]) assert.ok(directories.some((made) => made.path === path, `${path} is not made`))
    for (const made of directories) assert.deepEqual([made.mode, made.user, made.group], [made.path === dirname(socket) ? 0o750 : 0o700, user, group])
    const writable = (valuesOf(unit, "ReadWritePaths")[0] ?? "").split(" ")
    assert.deepEqual(writable, [dirname(data), dirname(socket)])
    assert.equal(dirname(data), users[0]?.home, "the checkpoint note stands there")
  })

  test("the variant with a credential, and launchd's file, start the same command with places of their own", () => {
    const named = (line: readonly string[]) => line.map((word) => (word.includes("/") && word !== "/usr/bin/env" ? "" : word))
    const credential = startWords(deployFiles.credential)
    assert.deepEqual(credential.slice(0, -1), words.slice(0, -1))
    const [name = "", source = ""] = (valuesOf(unitLines(deployFiles.credential), "LoadCredential")[0] ?? "").split(":")
    assert.equal(credential.at(-1), `%d/${name}`)
    assert.ok(guide.includes(`/etc/sovereign-ledger/master.key ${source}\n`) && guide.includes(`--key-file ${source} `))
    assert.deepEqual(named(launchdWords()), named(words))
    assert.match(guide, /\*\*not run by our\ntests\*\*/)
  })

  test("systemd finds nothing wrong with the unit, by itself and with the variant", requireTool("systemd-analyze"), (t) => {
    const directory = temporaryDirectory(t)
    const copy = join(directory, "sovereign-ledger.service")
    copyFileSync(join(root, deployFiles.unit), copy)
    for (const variant of [false, true]) {
      if (variant) {
        mkdirSync(`${copy}.d`)
        copyFileSync(join(root, deployFiles.credential), join(`${copy}.d`, "credential.conf"))
      }
      const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", copy], { encoding: "utf8" })
      assert.deepEqual([status, stdout, stderr], [0, "", ""])
    }
  })
})
